/** When to look for new comments: ever less often while nothing comes, never in a hidden tab or without a network. */

/** The first pause, and the longest one, in milliseconds. */
const FIRST = 30_000;
const LONGEST = 300_000;

/** How much longer each pause is than the one before. */
const GROWTH = 1.5;

/**
 * Returns what starts and stops the looking.
 * @param {() => Promise<boolean>} look resolves to whether there was something new
 */
export function watch(look) {
  let running = false;
  let pause = FIRST;
  let timer = 0;
  let due = Infinity;

  /** Sets the clock, or stops it while nobody is there to see. Late, as after a night, it looks at once. */
  function wake() {
    clearTimeout(timer);
    if (due < Infinity && !document.hidden && navigator.onLine) timer = setTimeout(turn, Math.max(0, due - Date.now()));
  }

  async function turn() {
    due = Infinity;
    pause = await look() ? FIRST : Math.min(pause * GROWTH, LONGEST);
    if (running) next();
  }

  function next() {
    due = Date.now() + pause;
    wake();
  }

  return {
    wake,
    start() {
      running = true;
      pause = FIRST;
      next();
    },
    stop() {
      running = false;
      due = Infinity;
      clearTimeout(timer);
    },
  };
}
