/** A thread as it is shown. Follows the state: what has not changed keeps its nodes, and with them focus and text. */

import { commentView, nameOf } from "./comment.js";
import { button, fill, h, set } from "./dom.js";
import { formView } from "./form.js";
import { closedNotice, threadNotice } from "./notice.js";
import { repliesBelow } from "./state.js";

/** @typedef {import("./comment.js").Look} Look */
/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Form} Form */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").Part} Part */
/** @typedef {import("./types.d.ts").Sort} Sort */
/** @typedef {import("./types.d.ts").State} State */

/**
 * A comment's place: its article, what is open beneath it, its replies and the buttons for more of them.
 * @typedef {object} Item
 * @property {Comment} comment
 * @property {HTMLElement} node
 * @property {HTMLElement} article
 * @property {Look} look how the article was made
 * @property {Item | undefined} above in whose list it stands
 * @property {Form | null} [form]
 * @property {HTMLElement} [list]
 * @property {HTMLElement[]} replies
 */

/**
 * Makes a thread's view.
 * @param {import("./types.d.ts").Context} context
 * @returns {import("./types.d.ts").View}
 */
export function threadView(context) {
  const { t, act, lang, dir, panels } = context;
  let items = /** @type {Map<Id, Item>} */ (new Map());
  let before = /** @type {State | null} */ (null);
  let linked = /** @type {import("./types.d.ts").Link | null} */ (null);
  let form = /** @type {Form | null} */ (null);
  let notice = /** @type {HTMLElement | null} */ (null);
  let ending = /** @type {HTMLElement | null} */ (null);
  let sorter = /** @type {HTMLSelectElement | null} */ (null);
  /** the buttons for what was left out, by the cursors that they were made for */
  let ahead = /** @type {Map<string, HTMLElement>} */ (new Map());

  const heading = h("h2", "heading", { id: "heading" });
  const top = h("header", "top");
  const list = h("ol", "list", { role: "list" });
  const foot = h("div", "foot");
  const live = h("p", "unseen live", { role: "status" });
  const mine = button("quiet", t("mine"), () => act.later("mine"));
  const fresh = h("span");
  const news = h("div", "news", {}, h("button", "button submit", { type: "button", click: () => act.refresh() }, fresh));
  // An empty title keeps the host element's, which names the page, from becoming a tooltip over everything.
  const node = h("section", "thread", { "aria-labelledby": "heading", lang: lang || null, dir, title: "" });

  /** @param {State} state */
  function update(state) {
    const { phase, page, site, comments, next, previous, waiting } = state;
    const leave = holdFocus();
    const known = ahead;
    ahead = new Map();
    /** @type {(part: Part, label: () => string) => HTMLElement} */
    const moreOf = (part, label) => {
      const name = `${part.parent} ${part.back} ${part.cursor}`;
      const made = known.get(name) ?? moreButton(part, label());
      ahead.set(name, made);
      return made;
    };
    set(node, { "aria-busy": phase === "loading" });
    heading.textContent = !page ? t("comments") : page.count ? t("responses", { count: page.count }) : t("none");
    if (phase !== before?.phase) notice = phase === "ready" ? null : threadNotice(context, phase);
    if (site && page && page.count > 1) sorter ??= sortField(site.votes);
    if (sorter) sorter.value = state.sort;
    place(state, moreOf);
    if (page?.closed !== before?.page?.closed) {
      form = page && site && !page.closed ? formView(context, site, null) : null;
      ending = page && (form ? form.node : closedNotice(context, page));
      if (ending && !form && context.unsent()) act.later("kept", ending);
    }
    fresh.textContent = t("fresh", { count: waiting });
    fill(top, [heading, /** @type {HTMLElement} */ (sorter?.parentNode)]);
    fill(foot, [ending, context.known() && mine, panels.get(null)?.node]);
    fill(node, [
      top, notice,
      previous !== null && moreOf({ parent: null, cursor: previous, back: true }, () => t("earlierResponses")),
      comments.length && list,
      next !== null && moreOf({ parent: null, cursor: next }, () => t("moreResponses")),
      waiting && news, page && foot, live]);
    before = state;
    leave();
  }

  /**
   * Puts every comment in its place. A reply stands in the list of the comment that it answers; beyond the deepest
   * indentation the service repeats the depth, and replies follow each other.
   * @param {State} state
   * @param {(part: Part, label: () => string) => HTMLElement} moreOf
   */
  function place(state, moreOf) {
    const placed = /** @type {Map<Id, Item>} */ (new Map());
    const answered = new Set(state.comments.map(({ parent }) => parent));
    const outermost = /** @type {HTMLElement[]} */ ([]);
    for (const comment of state.comments) {
      const { id, depth } = comment;
      const parent = placed.get(/** @type {Id} */ (comment.parent));
      let above = parent;
      while (above && above.comment.depth >= depth) above = above.above;
      const item = itemFor(comment, {
        closed: !!state.page?.closed,
        votes: state.site?.votes,
        bare: !!panels.get(id)?.instead,
        folded: !answered.has(id) ? null : state.folded.includes(id) ? repliesBelow(state, comment).all || 1 : 0,
        to: parent ? parent.comment.id : null,
        whom: parent ? parent.comment.number ?? nameOf(parent.comment, context) : "",
        deep: above !== parent,
      });
      item.above = above;
      (above ? above.replies : outermost).push(item.node);
      placed.set(id, item);
    }
    items = placed;
    for (const item of items.values()) arrange(item, state, moreOf);
    fill(list, outermost);
  }

  /**
   * @param {Comment} comment
   * @param {Look} look
   * @returns {Item}
   */
  function itemFor(comment, look) {
    const known = items.get(comment.id);
    /** @type {(keyof Look)[]} */
    const aspects = /** @type {any} */ (Object.keys(look));
    if (known?.comment === comment && aspects.every((aspect) => known.look[aspect] === look[aspect])) {
      return Object.assign(known, { replies: [] });
    }
    const article = commentView(comment, context, look);
    set(article, { "data-linked": isLinked(comment), "data-new": !!comment.fresh });
    const node = known?.node ?? h("li", "item", { value: comment.number });
    return { ...known, comment, node, article, look, above: undefined, replies: [] };
  }

  /**
   * Puts together what stands in a comment's place.
   * @param {Item} item
   * @param {State} state
   * @param {(part: Part, label: () => string) => HTMLElement} moreOf
   */
  function arrange(item, state, moreOf) {
    const { comment, replies, node, article } = item;
    const { id, earlier, more } = comment;
    if (earlier) replies.unshift(h("li", "", {}, moreOf({ parent: id, cursor: earlier, back: true }, () => t("earlierReplies"))));
    if (more) {
      replies.push(h("li", "", {}, moreOf({ parent: id, cursor: more }, () => {
        const { loaded, all } = repliesBelow(state, comment);
        return t("moreReplies", { count: Math.max(1, all - loaded) });
      })));
    }
    if (!state.replying.includes(id)) item.form = null;
    else if (state.site) item.form ??= formView(context, state.site, comment);
    if (replies.length) fill(item.list ??= h("ol", "list replies", { role: "list" }), replies);
    fill(node, [
      article, panels.get(id)?.node, item.form?.node,
      replies.length && !state.folded.includes(id) && item.list]);
  }

  /**
   * @param {Part} part
   * @param {string} label
   */
  function moreButton(part, label) {
    const more = button("more", label, async () => {
      more.textContent = t("loading");
      if (!await act.more(part)) more.textContent = `${t("failed")} ${t("again")}`;
    });
    return more;
  }

  /** @param {string} votes */
  function sortField(votes) {
    const sorts = /** @type {Sort[]} */ (votes === "off" ? ["oldest", "newest"] : ["oldest", "newest", "best"]);
    const field = h("select", "select", { change: () => act.sort(/** @type {Sort} */ (field.value)) },
      ...sorts.map((sort) => h("option", "", { value: sort }, t(sort))));
    h("label", "sort", {}, `${t("sort")} `, field);
    return field;
  }

  /**
   * Remembers where in the thread the focus is. The answer gives it back when what held it was made anew: to what has
   * the same name there, else to the comment, else to what stands in the place of the form, or to the heading.
   */
  function holdFocus() {
    const root = /** @type {ShadowRoot} */ (node.getRootNode());
    const active = root.activeElement;
    const item = active?.closest(".item");
    const part = active?.getAttribute("part")?.split(" ").pop();
    return () => {
      if (!active || active === root.activeElement) return;
      const again = /** @type {HTMLElement} */ (
        active.isConnected ? active
          : item?.isConnected ? item.querySelector(`[part~="${part}"]`) ?? item.querySelector("article")
          : form || !ending ? heading : ending);
      if (again.tabIndex < 0) set(again, { tabindex: -1 });
      again.focus({ preventScroll: true });
    };
  }

  /** @param {Comment} comment */
  function isLinked({ id, number }) {
    return !!linked && (linked.at ? String(id) === linked.at : String(number) === linked.number);
  }

  /**
   * @param {Id} id
   * @param {ScrollLogicalPosition} block
   */
  function show(id, block = "nearest") {
    const article = items.get(id)?.article;
    if (!article) return;
    set(article, { tabindex: -1 });
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block });
  }

  return {
    node,
    update,
    show,
    form: (parent) => (parent === null ? form : items.get(parent)?.form),
    say: (text) => (live.textContent = text),
    link(link) {
      linked = link;
      let found = false;
      for (const { comment, article } of items.values()) {
        const here = isLinked(comment);
        set(article, { "data-linked": here });
        if (here) show(comment.id, "start");
        found ||= here;
      }
      return found;
    },
    focus: (id, selector) => /** @type {HTMLElement | null} */ (items.get(id)?.article.querySelector(selector))?.focus(),
  };
}
