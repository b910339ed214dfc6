/**
 * What makes the operators' pages quicker: where the focus is after an act, and the keys of the queue. All of it works
 * without this too: keys press the page's own buttons and follow its links, and nothing is loaded or drawn.
 */
const KEPT = "afterword-keys";
const queue = document.getElementById("queue");
const keys = document.getElementById("keys");
const help = keys?.querySelector("dialog");
const entries = () => [...document.querySelectorAll(".entry")];
const picks = () => [...document.querySelectorAll('.entry input[name="ids"]')];

/* where one is: the entry with the focus, or the one that was acted on last */
let last = null;
const current = () => document.activeElement?.closest(".entry") ?? (last?.isConnected ? last : null);

function go(step) {
  const all = entries();
  const at = all.indexOf(current());
  const next = at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const chosen = picks().some((pick) => pick.checked);
  const decision = Object.keys(decides).find((each) => decides[each] === key);
  if (decision && chosen) {
    queue?.querySelector(`.bulk button[value="${decision}"]`)?.click();
    return;
  }
  const alone = entries().length === 1 && !picks().length ? entries()[0] : null;
  (current() ?? alone)?.querySelector(`[data-key="${key}"]`)?.click();
}

const does = {
  j: () => go(1),
  k: () => go(-1),
  x: () => current()?.querySelector('input[name="ids"]')?.click(),
  u: () => document.querySelector('.did [data-key="u"]')?.click(),
  "/": () => document.getElementById("text")?.focus(),
  // over the page, which stays where it is; what had the focus has it again when this is closed
  "?": () => (help.open ? help.close() : help.showModal()),
};
for (const key of "ahsde") does[key] = () => press(key);

/* a checkbox takes letters too, but does nothing with them */
const types = (target) => target.matches?.("textarea, select, [contenteditable], input:not([type=checkbox])");

function wanted() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // storage is forbidden here: the switch holds for this page
  }
}

const decides = { approve: "a", hold: "h", spam: "s", delete: "d" };

/* say at the buttons which key presses them */
function label(shown) {
  for (const each of document.querySelectorAll(".entry [data-key], .did [data-key], .bulk button")) {
    const key = each.dataset.key ?? decides[each.value];
    for (const [name, value] of [["aria-keyshortcuts", key], ["title", `Key ${key}`]]) {
      if (shown) each.setAttribute(name, value);
      else each.removeAttribute(name);
    }
  }
}

const on = document.getElementById("keys-on");
if (keys && on) {
  keys.hidden = false;
  on.checked = wanted();
  label(on.checked);
  for (const each of keys.querySelectorAll("button")) each.addEventListener("click", does["?"]);
  on.addEventListener("change", () => {
    label(on.checked);
    try {
      localStorage.setItem(KEPT, on.checked ? "on" : "off");
    } catch {
      // see wanted()
    }
  });
  addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
    const act = Object.hasOwn(does, event.key) ? does[event.key] : null;
    if (help.open && event.key !== "?") return; // the page below waits
    if (act && (plain || "jk".includes(event.key)) && on.checked && !types(event.target)) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    }
  });
}

if (queue) {
  const all = queue.querySelector("[data-all]");
  const none = queue.querySelector("[data-none]");
  const count = queue.querySelector("[data-count]");
  const tell = () => {
    const number = picks().filter((pick) => pick.checked).length;
    if (count) count.textContent = number ? `${number} selected` : "With those selected";
    if (all) all.hidden = number === picks().length;
    if (none) none.hidden = number === 0;
  };
  for (const [link, checked] of [[all, true], [none, false]]) {
    link?.addEventListener("click", (event) => {
      event.preventDefault();
      for (const pick of picks()) pick.checked = checked;
      tell();
      (checked ? none : all).focus();
    });
  }
  queue.addEventListener("change", tell);
  queue.addEventListener("focusin", () => (last = current()));
  queue.addEventListener("submit", (event) => {
    // go on at the entry behind those that leave the list
    const one = event.submitter?.name === "one" ? event.submitter.closest(".entry") : null;
    const gone = new Set(one ? [one] : picks().filter((pick) => pick.checked).map((pick) => pick.closest(".entry")));
    const list = entries();
    const from = list.findIndex((entry) => gone.has(entry));
    const next = list.slice(from).find((entry) => !gone.has(entry)) ?? list.findLast((entry) => !gone.has(entry));
    const back = queue.elements.namedItem("back");
    if (next && from >= 0) back.value = `${back.value.split("#")[0]}#${next.id}`;
  });
  tell(); // a page that comes back from the history keeps what was selected
  addEventListener("pageshow", tell);
}

/* after an act one goes on where it matters: at the first fault, where the address leads, or at what was said of it;
   a notice that is there from the beginning is read out only when it has the focus */
const wrong = document.querySelector('main [aria-invalid="true"]');
const said = document.querySelector("main > :is([role=status], [role=alert])");
if (wrong) {
  wrong.focus();
} else if (location.hash.startsWith("#comment-")) {
  document.getElementById(location.hash.slice(1))?.focus({ preventScroll: true });
} else if (said && (said.id === "faults" || !location.hash)) {
  said.tabIndex = -1;
  said.focus();
}
