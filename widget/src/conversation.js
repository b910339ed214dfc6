/** What happens in a thread: between its view, its state, what this browser keeps, and the service. */

import { ask, getThread } from "./api.js";
import { Drafts, read, write } from "./draft.js";
import { wordsFor } from "./i18n.js";
import { outbox } from "./outbox.js";
import { folded, isWhole, loaded, more, newest, replying, START, uncovered } from "./state.js";
import { threadView } from "./thread.js";
import { watch } from "./watch.js";

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").Link} Link */
/** @typedef {import("./types.d.ts").Panel} Panel */
/** @typedef {import("./types.d.ts").Sort} Sort */
/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Thread} Thread */

/** No comment has a greater id: what is asked for since this one is the page alone, with its count. */
const LAST = 9e15;

/**
 * @typedef {object} Subject
 * @property {string} base the service's address
 * @property {string} page
 * @property {string | null} id the owner's own id for the page
 * @property {string | null} sort as the owner wants it, unless the reader has chosen another one
 * @property {() => string} title
 * @property {() => Link | null} linked what the page's address points at
 * @property {import("./types.d.ts").Talk["emit"]} emit tells the host page
 */

/**
 * Begins a thread's life in a shadow root. Nothing is asked of the service before `start`.
 * @param {ShadowRoot} root
 * @param {Subject} subject
 * @param {string[]} languages wanted for its words, the most wanted first
 */
export function converse(root, { base, page, id, sort, title, linked, emit }, languages) {
  const sortName = `afterword:sort:${base}`;
  const readerName = `afterword:reader:${base}`;
  const operatorName = `afterword:operator:${base}`;
  const drafts = new Drafts(`afterword:draft:${base} ${id ?? page}`);
  const words = wordsFor(languages);
  const panels = /** @type {Map<Id | null, Panel>} */ (new Map());
  const sorts = [read(sortName), sort, START.sort].filter((name) => /^(old|new|b)est$/.test(String(name)));
  let state = { ...START, sort: /** @type {Sort} */ (sorts[0]) };
  let stopping = new AbortController();
  /** which of the requests for the thread is the last one */
  let asked = 0;
  /** what `more.js` does, once it is there */
  let rest = /** @type {import("./types.d.ts").Later | null} */ (null);
  let joining = /** @type {Promise<import("./types.d.ts").Later> | null} */ (null);
  /** how often it did not come */
  let misses = 0;
  let coming = /** @type {Comment[]} */ ([]);

  /** @type {import("./types.d.ts").Talk} */
  const talk = {
    base, page, id, root, words, drafts, become, load, later, say, emit, holdsFocus, panel,
    get state() { return state; },
    get view() { return view; },
    get signal() { return stopping.signal; },
    ask: (method, path, body, key) => ask(base, method, path, stopping.signal, body, read(readerName), key),
    readerKey(made) {
      if (made) write(readerName, made);
      return read(readerName);
    },
    reason({ status, wait, detail }) {
      return wait ? words.t("wait", { wait: words.span(wait) })
        : status && status < 500 ? detail || words.t("refused") : words.t("notDone");
    },
    keep: write,
    renew: () => mail.renew(),
  };
  const mail = outbox(talk, title);
  const { send, retry, edit } = mail;
  const clock = watch(look);

  /** @type {import("./types.d.ts").Actions} */
  const act = {
    load, more: showMore, later, send, retry, edit,
    refresh: () => later("refresh", coming),
    write: (draft) => drafts.save(draft),
    discard: (key) => drafts.remove(key),
    fold: (id) => become(folded(state, id)),
    sort(sort) {
      write(sortName, sort);
      load(null, sort);
    },
    reply(id) {
      become(replying(state, id, true));
      view.form(id)?.focus();
    },
    cancel(parent) {
      const text = drafts.list().find((draft) => draft.parent === parent);
      if (text) drafts.save({ ...text, aside: true });
      become(replying(state, parent, false));
      view.focus(parent, ".reply");
    },
  };

  let view = viewed();
  /** what else happens on the page that concerns a thread */
  const on = {
    online() {
      mail.retryAll();
      clock.wake();
    },
    offline: clock.wake,
    visibilitychange: clock.wake,
    focus: clock.wake,
    pagehide: () => drafts.flush(),
    hashchange() {
      const link = linked();
      if (!follow(link) && link && state.phase === "ready") load(link);
    },
  };
  return { start, stop };

  /** Makes the view, in the words that there are. */
  function viewed() {
    const made = threadView({
      ...words, act, panels,
      draftFor: mail.draftFor,
      unsent: () => drafts.list().length,
      writer: mail.writer,
      known: () => !!read(readerName),
      extras: (comment) => rest?.extras(comment) ?? [],
      here: `${location.href.split("#")[0]}#`,
    });
    root.replaceChildren(made.node);
    made.update(state);
    return made;
  }

  /** Loads what is not loaded yet, and goes on after a stop. */
  function start() {
    if (stopping.signal.aborted) {
      stopping = new AbortController();
      asked = 0;
      mail.retryAll();
      if (state.phase === "ready") recognise();
    }
    // Added once more, a listener is the same one; it goes when this stops.
    for (const [event, listener] of Object.entries(on)) addEventListener(event, listener, stopping);
    if (state.phase === "ready") clock.start();
    else if (!asked) load();
  }

  /** Ends every request. What was on its way is kept, and can be sent again without standing there twice. */
  function stop() {
    stopping.abort();
    clock.stop();
    rest?.mark(state);
    drafts.flush();
  }

  /**
   * Loads the thread, or loads it anew. What is shown stays until the other part, or the other order, is there.
   * @param {Link | null} [link] what to begin with
   * @param {Sort} [sort]
   */
  async function load(link = linked(), sort = state.sort) {
    const { signal } = stopping;
    const turn = ++asked;
    const first = state.phase !== "ready";
    if (first) become({ ...START, sort });
    // The service's own order goes without saying: one address for most readers, and one copy in a shared cache.
    const query = { page, id, sort: sort === "oldest" ? null : sort };
    let [thread] = await Promise.all([getThread(base, { ...query, ...link }, signal), words.load(base)]);
    // The comment is gone; the thread is not.
    if (link && thread.status === 404 && !unknown(thread.type)) thread = await getThread(base, query, signal);
    if (signal.aborted || turn !== asked) return;
    if (view.node.lang !== words.lang) view = viewed();
    if (!thread.comments) return failed(thread, first);
    become(loaded({ ...state, sort }, /** @type {Thread} */ (thread), link?.at));
    if (first) emit("ready", { count: state.page?.count });
    if (!state.page?.closed) drafts.list().forEach(mail.takeUp);
    if (link) follow(link);
    if (first) recognise();
    clock.start();
  }

  /** Finds out what is the reader's own, if this browser may have written here; an operator's may show links. */
  function recognise() {
    if (/#afterword-o/.test(location.hash) || read(readerName) || read(operatorName)) later("own", read(operatorName));
  }

  /**
   * @param {import("./api.js").Answer<{}>} problem
   * @param {boolean} first whether there is nothing else to be shown
   */
  function failed({ type, status }, first) {
    if (first) become({ ...state, phase: unknown(type) ? "unknown" : "failed" });
    else become(state);
    if (!first) say("failed");
    emit("error", { type: type ?? null, status });
  }

  /** @param {string | undefined} type */
  function unknown(type) {
    return !!type?.endsWith("/unknown-site");
  }

  /**
   * Shows what an address points at; tells whether it is there.
   * @param {Link | null} link
   */
  function follow(link) {
    const found = link?.at && state.comments.find(({ id }) => String(id) === link.at);
    if (found) become(uncovered(state, found.id));
    return view.link(link);
  }

  /** @type {import("./types.d.ts").Actions["more"]} */
  async function showMore(part) {
    const { parent, cursor, back } = part;
    const { signal } = stopping;
    const turn = asked;
    const top = { sort: state.sort, [back ? "before" : "after"]: cursor };
    const answer = await getThread(base, { page, id, ...(parent === null ? top : { parent, after: cursor }) }, signal);
    const { comments, next, previous } = answer;
    // In another order it has no place, and its cursor leads nowhere.
    if (signal.aborted || turn !== asked) return false;
    if (comments) {
      const known = new Set(state.comments.map((comment) => comment.id));
      const fresh = comments.filter((comment) => !known.has(comment.id));
      become(more(state, part, comments, (parent === null && back ? previous : next) ?? null));
      if (fresh.length) view.show(fresh[0].id);
      say("shown", { count: fresh.length });
    } else {
      say("failed");
    }
    return !!comments;
  }

  /** Looks for new comments, where there can be any; tells whether there are more than a moment ago. */
  async function look() {
    if (state.page?.closed) return false;
    // With parts left out, or when one was held for long, there is no telling which are new, only how many: the page's
    // count says so.
    const since = isWhole(state) ? newest(state) : LAST;
    const answer = await getThread(base, { page, id, since }, stopping.signal);
    if (!answer.page || !answer.comments || stopping.signal.aborted) return false;
    const known = new Set(state.comments.map(({ id }) => id));
    coming = answer.comments.filter(({ id }) => !known.has(id));
    const waiting = Math.max(since < LAST ? coming.length : 0, answer.page.count - (state.page?.count ?? 0));
    const more = waiting > state.waiting;
    if (waiting !== state.waiting) become({ ...state, waiting });
    if (more) say("fresh", { count: waiting });
    return more;
  }

  /** @type {import("./types.d.ts").Actions["later"]} */
  async function later(verb, ...values) {
    try {
      rest = await (joining ??= join());
    } catch {
      joining = null;
      misses += 1;
      // Who has asked for nothing is told nothing: of own, posted, tools and kept.
      if (!/own|ted|oo|kept/.test(verb)) say("notDone");
      return false;
    }
    /** @type {any} */ (rest)[verb](...values);
    return true;
  }

  /** @returns {Promise<import("./types.d.ts").Later>} */
  async function join() {
    // A browser remembers that a module did not come; under another fragment it asks again.
    const part = await import(`${base}/more.js?v=${import.meta.version}#${misses}`);
    return part.join(talk);
  }

  /**
   * @param {Id | null} id
   * @param {Panel | null} panel
   */
  function panel(id, panel) {
    if (panel) panels.set(id, panel);
    else panels.delete(id);
    become(state);
  }

  /** @param {State} next */
  function become(next) {
    state = rest?.mark(next) ?? next;
    view.update(state);
  }

  /** @param {Id} id */
  function holdsFocus(id) {
    return !!root.activeElement?.closest(`#comment-${id}`);
  }

  /** @type {import("./types.d.ts").Talk["say"]} */
  function say(key, values) {
    view.say(words.t(key, values));
  }
}
