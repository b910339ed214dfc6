/** The `<afterword-thread>` element: its life on a page. What happens in a thread is `conversation.js`'s. */

import sheet from "./style.css" with { type: "css" };

import { converse } from "./conversation.js";
import { find } from "./dom.js";
import { linkIn, pageAddress } from "./page.js";

/** A lazy thread loads when it comes this near to the window: half a second of scrolling. */
const NEAR = "600px 0px";

export class AfterwordThread extends HTMLElement {
  static observedAttributes = ["page", "page-id", "lang", "sort"];

  /** The service's address for elements that no script tag made. */
  static base = "";

  constructor() {
    super();
    /** The service's address. */
    this.base = AfterwordThread.base;
    this._root = this.attachShadow({ mode: "open" });
    this._root.adoptedStyleSheets = [sheet];
    this._talk = /** @type {ReturnType<typeof converse> | null} */ (null);
    /** what the conversation was begun for */
    this._subject = "";
    this._watch = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) this._start();
    }, { rootMargin: NEAR });
  }

  /** The address of the page whose thread this is. */
  get page() {
    const canonical = find("link[rel~=canonical i]")?.getAttribute("href");
    return pageAddress(this.getAttribute("page"), canonical, this.baseURI, location.href);
  }

  /** The languages wanted for the words, the most wanted first: the owner's or the page's, then the reader's. */
  get languages() {
    const around = this.closest("[lang]")?.getAttribute("lang");
    return around ? [around, ...navigator.languages] : [...navigator.languages];
  }

  connectedCallback() {
    this._settle();
  }

  disconnectedCallback() {
    this._settle();
  }

  attributeChangedCallback() {
    this._settle();
  }

  /** Brings the conversation in line with the element, after a run of changes: a move is a removal and an insertion. */
  async _settle() {
    await null;
    this._watch.disconnect();
    if (!this.isConnected) return this._talk?.stop();
    const { base, page, languages } = this;
    const sort = this.getAttribute("sort");
    const id = this.getAttribute("page-id") || null;
    const linked = () => linkIn(location.hash);
    const subject = JSON.stringify([base, page, id, languages, sort]);
    if (subject !== this._subject) {
      this._talk?.stop();
      this._subject = subject;
      const title = () => this.title || find("title")?.textContent || "";
      const emit = (/** @type {string} */ name, /** @type {object} */ detail) => this._emit(name, detail);
      this._talk = converse(this._root, { base, page, id, sort, title, linked, emit }, languages);
    }
    // A link to a comment is followed at once: the reader came for it.
    if (this.getAttribute("loading") === "lazy" && !linked()) this._watch.observe(this);
    else this._start();
  }

  /**
   * Tells the host page what has happened.
   * @param {string} name
   * @param {object} detail
   */
  _emit(name, detail) {
    this.dispatchEvent(new CustomEvent(`afterword:${name}`, { detail, bubbles: true, composed: true }));
  }

  _start() {
    this._watch.disconnect();
    this._talk?.start();
  }
}
