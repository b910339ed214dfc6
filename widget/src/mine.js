/** Everything that the reader has written on this site: to be found again, taken along, or erased. */

import { button, fill, h, link } from "./dom.js";
import { keptNames, ownPath } from "./reader.js";

/** @typedef {import("./types.d.ts").Comment} Comment */

/** @typedef {{comment: Comment, body: string, page: {url: string, title: string}}} Found */

/** So many comments come at once. */
const LISTED = 200;

/**
 * Opens the list below the thread, or shuts it.
 * @param {import("./types.d.ts").Talk} talk
 * @param {() => void} forget what the conversation has marked as the reader's own
 */
export function mine(talk, forget) {
  const { t, brief } = talk.words;
  const title = h("h3", "title", { id: "mine", tabindex: -1 }, t("mine"));
  const list = h("ol", "list", { role: "list" });
  const status = h("p", "notice", { tabindex: -1 }, t("loading"));
  const more = h("p", "");
  const deeds = h("div", "actions");
  const node = h("section", "notice box mine", { "aria-labelledby": "mine", keydown },
    title, status, list, more, deeds);
  talk.panel(null, { node });
  title.focus();
  show();

  /** @param {KeyboardEvent} event */
  function keydown({ key }) {
    if (key === "Escape") shut();
  }

  function shut() {
    talk.panel(null, null);
    /** @type {HTMLElement | null} */ (talk.root.querySelector(".foot > .button"))?.focus();
  }

  /**
   * Asks for the comments older than one.
   * @param {import("./types.d.ts").Id | null} [before]
   * @returns {Promise<{found: Found[], last: import("./types.d.ts").Id | null} | null>} last: older ones are yet to come
   */
  async function ask(before) {
    const { comments } = await talk.ask("GET", ownPath(talk, { all: 1, before }));
    return comments && {
      found: comments.filter((/** @type {Found} */ { comment }) => comment.state !== "deleted"),
      last: comments.length === LISTED ? comments[LISTED - 1].comment.id : null,
    };
  }

  /** @param {import("./types.d.ts").Id} [before] */
  async function show(before) {
    const part = await ask(before);
    list.append(...(part?.found ?? []).map(entry));
    status.textContent = !part ? t("notDone") : list.children.length ? "" : t("mineNone");
    const last = part?.last;
    fill(more, [last != null && button("", t("moreResponses"), () => show(last))]);
    choose();
  }

  /** @param {Found} found */
  function entry({ comment, body, page }) {
    const anchor = h("a", "", { dir: "auto" }, page.title || page.url);
    link(anchor, `${page.url}#comment-${comment.id}`);
    anchor.removeAttribute("rel");
    return h("li", "entry", {},
      h("p", "", {}, anchor, h("span", "aside", {}, ` ${brief(comment.created)}`)),
      h("p", "excerpt", { dir: "auto" }, body),
      comment.state === "pending" && h("p", "hint", {}, t("held")));
  }

  /** What can be done with all of them. */
  function choose() {
    fill(deeds, [
      list.children.length && button("quiet", t("export"), save),
      list.children.length && button("quiet", t("eraseAll"), confirm),
      button("quiet", t("forget"), () => {
        talk.drafts.flush();
        for (const name of keptNames(talk.base)) talk.keep(name, null);
        forget();
        talk.renew();
        end(t("forgotten"));
      }),
      button("quiet", t("close"), shut)]);
  }

  /** Asks once more, in the place of the buttons. */
  function confirm() {
    const no = button("quiet", t("cancel"), () => {
      choose();
      /** @type {HTMLElement} */ (deeds.children[1]).focus();
    });
    fill(deeds, [h("p", "", {}, t("eraseSure")), button("grave", t("eraseAll"), erase), no]);
    no.focus();
  }

  async function erase() {
    const { erased } = await talk.ask("DELETE", ownPath(talk));
    if (erased === undefined) {
      status.textContent = t("notDone");
      return status.focus();
    }
    forget();
    end(t("erased", { count: erased }));
    talk.load(null);
  }

  /**
   * Says what was done, in the place of the list.
   * @param {string} text
   */
  function end(text) {
    list.replaceChildren();
    status.textContent = text;
    fill(deeds, [button("quiet", t("close"), shut)]);
    status.focus();
  }

  /** Hands over all comments as a file. */
  async function save() {
    const all = /** @type {Found[]} */ ([]);
    for (let part = await ask(); part; part = part.last === null ? null : await ask(part.last)) all.push(...part.found);
    const file = new Blob([JSON.stringify({ comments: all }, null, 2)], { type: "application/json" });
    const address = URL.createObjectURL(file);
    h("a", "", { href: address, download: "comments.json" }).click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}
