/**
 * The entry: registers the element, puts a thread where the script tag stands, and hands the page `Afterword`. The only
 * side effects on loading.
 */

import { find, h } from "./dom.js";
import { AfterwordThread } from "./element.js";
import { baseOf } from "./page.js";

const NAME = "afterword-thread";
const ATTRIBUTES = ["page", "page-id", "title", "lang", "theme", "sort", "loading"];

// Named elements of a host page can hide the document's own properties, `<img name="currentScript">` for one.
const current = document.currentScript;
const script = /** @type {HTMLScriptElement | null} */ (
  current instanceof HTMLScriptElement ? current : find('script[src*="embed.js"]'));

if (script) {
  AfterwordThread.base = baseOf(script.src);
  // Another copy of the script may have been here before.
  if (!customElements.get(NAME)) customElements.define(NAME, AfterwordThread);
  // An async script may run before the rest of the page is there, and with it the owner's own elements.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => place(script));
  else place(script);
  // For pages that put their parts together by script.
  /** @type {any} */ (window).Afterword ??= { mount, unmount };
}

/** @param {HTMLScriptElement} script */
function place(script) {
  /** @type {(name: string) => string | null} */
  const asked = (name) => script.getAttribute(`data-${name}`);
  // An element that is all this tag asks for is its thread: the owner's own, or that of the same tag put in twice.
  const same = ATTRIBUTES.map((name) => asked(name) === null ? "" : `[${name}=${JSON.stringify(asked(name))}]`);
  if (find(NAME + same.join(""))) return;
  const element = thread(asked);
  const selector = asked("mount");
  const target = selector && find(selector);
  if (target) target.append(element);
  else if (script.closest("body")) script.after(element);
  else find("body")?.append(element);
}

/**
 * Puts a thread into an element, in the place of one that was put there before, and returns it.
 * @param {Element} into
 * @param {Record<string, string | null | undefined>} [options] as the attributes, `pageId` for `page-id`
 */
function mount(into, options = {}) {
  unmount(into);
  const element = thread((name) => options[name === "page-id" ? "pageId" : name]);
  into.append(element);
  return element;
}

/**
 * Takes the thread out of an element; a text in it is kept.
 * @param {Element} from
 */
function unmount(from) {
  for (const child of [...from.children]) if (child.localName === NAME) child.remove();
}

/** @param {(name: string) => string | null | undefined} asked */
function thread(asked) {
  /** @type {AfterwordThread} */
  const element = h(/** @type {any} */ (NAME), "", Object.fromEntries(ATTRIBUTES.map((name) => [name, asked(name)])));
  // Not the last copy's: this one's.
  element.base = AfterwordThread.base;
  return element;
}
