/** A thread as it is shown. Follows the state: what has not changed keeps its nodes, and with them focus and text. */

import { commentView } from "./comment.js";
import { button, fill, h, set } from "./dom.js";
import { formView } from "./form.js";
import { closedNotice, threadNotice } from "./notice.js";
import { repliesLeft } from "./state.js";

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Form} Form */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").State} State */

/**
 * A comment's place: its article, an open form, its replies and the button for more of them.
 * @typedef {object} Item
 * @property {Comment} comment
 * @property {HTMLElement} node
 * @property {HTMLElement} article
 * @property {boolean} [closed] whether it was made without a Reply button
 * @property {Form | null} [form]
 * @property {HTMLElement} [list]
 * @property {HTMLElement[]} replies
 * @property {HTMLElement} [more]
 * @property {string | null} [cursor] what `more` was made for
 */

/**
 * Makes a thread's view.
 * @param {import("./types.d.ts").Context} context
 * @returns {import("./types.d.ts").View}
 */
export function threadView(context) {
  const { t, lang } = context;
  let items = /** @type {Map<Id, Item>} */ (new Map());
  let linked = /** @type {string | null} */ (null);
  let before = /** @type {State | null} */ (null);
  let form = /** @type {Form | null} */ (null);
  let notice = /** @type {HTMLElement | null} */ (null);
  let foot = /** @type {HTMLElement | null} */ (null);
  let further = /** @type {HTMLElement | null} */ (null);

  const heading = h("h2", "heading", { id: "heading" });
  const list = h("ol", "list", { role: "list" });
  const live = h("p", "live", { role: "status" });
  // An empty title keeps the host element's, which names the page, from becoming a tooltip over everything.
  const node = h("section", "thread", { "aria-labelledby": "heading", lang, title: "" });

  /** @param {State} state */
  function update(state) {
    const { phase, page, site, comments, next } = state;
    set(node, { "aria-busy": phase === "loading" });
    heading.textContent = !page ? t("comments") : page.count ? t("responses", { count: page.count }) : t("none");
    if (phase !== before?.phase) notice = phase === "ready" ? null : threadNotice(context, phase);
    if (next !== before?.next) further = next ? moreButton(t("moreResponses"), null, next) : null;
    place(state);
    if (page?.closed !== before?.page?.closed) {
      form = page && site && !page.closed ? formView(context, site, null) : null;
      foot = page && h("div", "foot", {}, form ? form.node : closedNotice(context, page));
    }
    fill(node, [heading, notice, comments.length && list, further, foot, live]);
    before = state;
  }

  /**
   * Puts every comment in its place, in one pass. A reply goes into the list of the nearest comment before it that
   * stands less deep: beyond the deepest indentation the service repeats the depth, and replies follow each other.
   * @param {State} state
   */
  function place(state) {
    const byId = new Map(state.comments.map((comment) => [comment.id, comment]));
    const placed = /** @type {Map<Id, Item>} */ (new Map());
    const top = /** @type {HTMLElement[]} */ ([]);
    const path = /** @type {Item[]} */ ([]);
    for (const comment of state.comments) {
      const { id, parent, depth } = comment;
      while (path.length && (parent === null || path[path.length - 1].comment.depth >= depth)) path.pop();
      const above = path[path.length - 1];
      const item = itemFor(comment, state, above?.comment.id === parent ? null : byId.get(/** @type {Id} */ (parent)));
      (above ? above.replies : top).push(item.node);
      path.push(item);
      placed.set(id, item);
    }
    items = placed;
    for (const item of items.values()) arrange(item, state);
    fill(list, top);
  }

  /**
   * @param {Comment} comment
   * @param {State} state
   * @param {Comment | null} [to]
   * @returns {Item}
   */
  function itemFor(comment, { page }, to) {
    const known = items.get(comment.id);
    const closed = page?.closed;
    if (known?.comment === comment && known.closed === closed) return Object.assign(known, { replies: [] });
    const article = commentView(comment, context, closed, to);
    set(article, { "data-linked": String(comment.id) === linked });
    const node = known?.node ?? h("li", "item", { value: comment.number });
    return { ...known, comment, node, article, closed, replies: [] };
  }

  /**
   * Puts together what stands in a comment's place.
   * @param {Item} item
   * @param {State} state
   */
  function arrange(item, state) {
    const { comment: { id, more }, replies, node, article } = item;
    if (more !== item.cursor) {
      item.cursor = more;
      item.more = more ? h("li", "", {}, moreButton(t("moreReplies", { count: repliesLeft(state, item.comment) }), id, more))
        : undefined;
    }
    if (item.more) replies.push(item.more);
    if (!state.replying.includes(id)) item.form = null;
    else if (state.site) item.form ??= formView(context, state.site, item.comment);
    fill(node, [article, item.form?.node, replies.length && fill(item.list ??= h("ol", "list replies", { role: "list" }), replies)]);
  }

  /**
   * @param {string} label
   * @param {Id | null} parent
   * @param {string} cursor
   */
  function moreButton(label, parent, cursor) {
    const more = button("more", label, async () => {
      more.textContent = t("loading");
      if (!await context.act.more(parent, cursor)) more.textContent = `${t("failed")} ${t("again")}`;
    });
    return more;
  }

  /**
   * @param {Id} id
   * @param {ScrollLogicalPosition} block
   */
  function show(id, block = "nearest") {
    const article = items.get(id)?.article;
    if (!article) return;
    set(article, { tabindex: -1 });
    article.focus();
    article.scrollIntoView({ block });
  }

  return {
    node,
    update,
    show,
    form: (parent) => (parent === null ? form : items.get(parent)?.form),
    say: (text) => (live.textContent = text),
    link(id) {
      linked = id;
      for (const { comment, article } of items.values()) {
        const here = String(comment.id) === id;
        set(article, { "data-linked": here });
        if (here) show(comment.id, "start");
      }
    },
    focusReply: (id) => /** @type {HTMLElement | null} */ (items.get(id)?.article.querySelector(".reply"))?.focus(),
  };
}
