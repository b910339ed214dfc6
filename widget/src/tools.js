/** The tools for writing: a toolbar with shortcuts, a preview, and how much room there is left. */

import { button, fill, h, icon, rebuild, set } from "./dom.js";
import { markup } from "./markup.js";

/** @typedef {import("./types.d.ts").Strings} Strings */

/** The tools, each with its key and the strokes of its sign, in a square of 24. */
const TOOLS = /** @type {[kind: keyof Strings, key: string, sign: string][]} */ ([
  ["bold", "b", "M8 5h5a3.3 3.3 0 0 1 0 6.6H8zm0 6.6h6a3.7 3.7 0 0 1 0 7.4H8z"],
  ["italic", "i", "M10.5 5h7M6.5 19h7M14 5l-4 14"],
  ["quote", "", "M5 5v14M10 8h9M10 12h9M10 16h6"],
  ["code", "", "M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5"],
  ["link", "k", "M10 8H8a4 4 0 0 0 0 8h2M14 8h2a4 4 0 0 1 0 8h-2M9 12h6"],
  ["list", "", "M5 7h.01M5 12h.01M5 17h.01M10 7h9M10 12h9M10 17h9"],
]);

/** The key that shortcuts go with, as it is called; both are taken everywhere. */
const MODIFIER = /^Mac|^iP/.test(navigator.platform) ? "⌘" : "Ctrl";

/** From this part of the longest text on it is said how much is left. */
const NEARLY = 0.9;

/** So long after the last letter, in milliseconds, a preview is made again and what is left is said aloud. */
const PAUSE = 1_000;

/** Ids are looked up within one shadow root: one count for the page keeps every panel's apart. */
let count = 0;

/**
 * Puts the tools for a textarea into the row below it, in the place of what stands there; what it says stays as the
 * textarea's description.
 * @param {import("./types.d.ts").Talk} talk
 * @param {HTMLTextAreaElement} textarea
 * @param {HTMLElement} row
 */
export function tools(talk, textarea, row) {
  const { t } = talk.words;
  const panelId = `preview-${++count}`;
  const left = h("span", "hint left");
  const panel = h("div", "body preview", { id: panelId, role: "region", "aria-label": t("preview"), tabindex: 0 });
  const opener = button("quiet", t("preview"), () => show(!panel.isConnected), { "aria-expanded": "false", "aria-controls": panelId });
  let timer = 0;
  let asked = 0;

  const buttons = TOOLS.map(([kind, key, sign], at) => {
    const shortcut = key && `${MODIFIER}+${key.toUpperCase()}`;
    const tool = button("tool", "", () => use(kind), {
      "aria-label": t(kind), title: shortcut ? `${t(kind)} (${shortcut})` : t(kind), tabindex: at ? -1 : 0,
    });
    tool.append(icon(sign));
    return tool;
  });
  const names = new Intl.ListFormat(talk.words.lang).format(TOOLS.map(([kind]) => t(kind)));
  const bar = h("div", "bar", { role: "toolbar", "aria-label": names, "aria-controls": textarea.id, keydown: move }, ...buttons);
  for (const hint of row.children) set(hint, { class: "unseen" });
  row.append(bar, opener, left);
  set(textarea, { input: changed, change: changed, keydown: shortcut });
  changed();

  /** @param {string} kind */
  function use(kind) {
    const { from, to, text, selection } = markup(kind, textarea.value, textarea.selectionStart, textarea.selectionEnd);
    textarea.focus();
    textarea.setSelectionRange(from, to);
    // The only way that the browser's own undo takes back; where there is none, the event must be made as well.
    if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
      textarea.setRangeText(text);
      textarea.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
    }
    textarea.setSelectionRange(...selection);
  }

  /** @param {KeyboardEvent} event */
  function shortcut(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    if (ctrlKey === metaKey || altKey || shiftKey || isComposing) return;
    const [tool] = TOOLS.find(([, wanted]) => wanted && wanted === key.toLowerCase()) ?? [];
    if (!tool) return;
    event.preventDefault();
    use(tool);
  }

  /**
   * Moves from tool to tool with the arrows: the toolbar is one stop for the Tab key.
   * @param {KeyboardEvent} event
   */
  function move(event) {
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const onward = getComputedStyle(bar).direction === "rtl" ? -1 : 1;
    const steps = /** @type {Record<string, number>} */ (
      { ArrowRight: at + onward, ArrowLeft: at - onward, Home: 0, End: buttons.length - 1 });
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = buttons[(steps[event.key] + buttons.length) % buttons.length];
    for (const tool of buttons) set(tool, { tabindex: tool === next ? 0 : -1 });
    next.focus();
  }

  /** @param {boolean} open */
  function show(open) {
    set(opener, { "aria-expanded": String(open) });
    if (open) row.after(panel);
    else panel.remove();
    if (open) preview();
  }

  /** Shows what the text will look like; only the answer to the last question counts. */
  async function preview() {
    const turn = ++asked;
    const body = textarea.value.trim();
    if (!body) return say("nothingYet");
    const answer = await talk.ask("POST", "preview", { body });
    if (turn !== asked) return;
    if (answer.html === undefined) fill(panel, [h("p", "fault", {}, talk.reason(answer))]);
    else panel.replaceChildren(rebuild(answer.html));
  }

  /** @param {keyof Strings} key */
  function say(key) {
    fill(panel, [h("p", "hint", {}, t(key))]);
  }

  /**
   * What follows from the text; one that is gone needs no preview.
   * @param {Event} [event]
   */
  function changed(event) {
    if (event?.type === "change" && !textarea.value) show(false);
    const most = talk.state.site?.body ?? Infinity;
    const size = [...textarea.value].length;
    left.textContent = size >= most * NEARLY && size <= most ? t("left", { count: most - size }) : "";
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (left.textContent) talk.view.say(left.textContent);
      if (panel.isConnected) preview();
    }, PAUSE);
  }
}
