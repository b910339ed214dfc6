/** The entry: registers the element, and puts a thread where the script tag stands. The only side effects on loading. */

import { find, h } from "./dom.js";
import { AfterwordThread } from "./element.js";
import { baseOf } from "./page.js";

const NAME = "afterword-thread";
const ATTRIBUTES = ["page", "page-id", "title", "lang", "theme", "loading"];

// Named elements of a host page can hide the document's own properties, `<img name="currentScript">` for one.
const current = document.currentScript;
const script = /** @type {HTMLScriptElement | null} */ (
  current instanceof HTMLScriptElement ? current : find('script[src*="embed.js"]'));

if (script) {
  AfterwordThread.base = baseOf(script.src);
  // Another copy of the script may have been here before.
  if (!customElements.get(NAME)) customElements.define(NAME, AfterwordThread);
  // An async script may run before the rest of the page is there, and with it the owner's own elements.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => mount(script));
  else mount(script);
}

/** @param {HTMLScriptElement} script */
function mount(script) {
  /** @type {(name: string) => string | null} */
  const asked = (name) => script.getAttribute(`data-${name}`);
  // An element that is all this tag asks for is its thread: the owner's own, or that of the same tag put in twice.
  const same = ATTRIBUTES.map((name) => asked(name) === null ? "" : `[${name}=${JSON.stringify(asked(name))}]`);
  if (find(NAME + same.join(""))) return;
  const element = h(/** @type {any} */ (NAME), "", Object.fromEntries(ATTRIBUTES.map((name) => [name, asked(name)])));
  /** @type {any} */ (element).base = AfterwordThread.base;
  const selector = asked("mount");
  const target = selector && find(selector);
  if (target) target.append(element);
  else if (script.closest("body")) script.after(element);
  else find("body")?.append(element);
}
