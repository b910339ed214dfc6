/** One comment as it is shown. */

import { button, h, link, rebuild } from "./dom.js";

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Context} Context */

/**
 * How a comment is shown, beside what it is.
 * @typedef {object} Look
 * @property {boolean} closed whether nothing can be added
 * @property {string | undefined} votes which there are: "both", "up", "off"
 * @property {boolean} bare whether something else stands in the place of its text
 * @property {number | null} folded how many replies are folded away; null when it has none
 * @property {import("./types.d.ts").Id | null} to the comment that it answers, if that is here
 * @property {string | number} whom that comment's number, or its author
 * @property {boolean} deep whether its place alone does not tell what it answers, for it stands too deep
 */

/**
 * Makes a comment's article.
 * @param {Comment} comment
 * @param {Context} context
 * @param {Look} look
 */
export function commentView(comment, context, look) {
  const { t, act, here } = context;
  const name = nameOf(comment, context);
  const { id, author, number, submission, trouble, state } = comment;
  const label = `by-${id}`;
  const mark = number && h("a", "number", { href: `${here}response-${number}` }, number);
  const article = h("article", "comment", { id: `comment-${id}`, "aria-labelledby": author && label });
  if (!author) {
    article.append(h("p", "byline gone", {}, mark, t(state === "deleted" ? "deleted" : "pending")));
  } else {
    article.append(
      h("header", "byline", {},
        mark,
        h("h3", "author", { id: label }, link(h("a", "", { dir: "auto" }, name), author.website)),
        author.operator && h("span", "badge", {}, t("operator")),
        !submission && permalink(comment, context),
        look.to && h("a", look.deep ? "aside to deep" : "aside to", { href: `${here}comment-${look.to}` },
          t("inReplyTo", { name: look.whom })),
        state === "published" && !comment.mine && button("quiet report", t("report"), () => act.later("report", id),
          { "aria-label": t("reportTo", { name }) })));
    if (look.bare) return article;
    article.append(
      h("div", "body", {}, submission ? h("p", "plain", { dir: "auto" }, submission.draft.body) : rebuild(comment.html)));
  }
  if (author && state === "pending" && !submission) article.append(h("p", "notice", {}, t("held")));
  article.append(submission ? submissionView(submission, context) : actions(comment, context, look));
  if (trouble) article.append(h("p", "notice fault", {}, trouble));
  return article;
}

/**
 * Returns the name that a comment is signed with.
 * @param {Comment} comment
 * @param {Context} context
 */
export function nameOf({ author }, { t }) {
  return author?.name || t("anonymous");
}

/**
 * @param {Comment} comment
 * @param {Context} context
 */
function permalink({ id, created, edited }, { t, here, brief, full, lang }) {
  return h("span", "aside", {},
    h("a", "", { href: `${here}comment-${id}` },
      h("time", "time", { datetime: created, title: full(created), lang }, brief(created))),
    edited && h("span", "", { title: full(edited) }, `, ${t("edited")}`));
}

/**
 * What can be done with a comment.
 * @param {Comment} comment
 * @param {Context} context
 * @param {Look} look
 */
function actions(comment, context, { closed, votes, folded }) {
  const { t, act } = context;
  const { id, author, mine, state } = comment;
  const name = nameOf(comment, context);
  const shown = author && state === "published";
  return h("footer", "actions", {},
    shown && !closed && button("quiet reply", t("reply"), () => act.reply(id), { "aria-label": t("replyTo", { name }) }),
    ...(shown && votes !== "off" ? voting(comment, context, name, !closed && !mine && votes) : []),
    folded !== null && button(folded ? "quiet fold" : "icon fold", folded ? t("unfold", { count: folded }) : "[−]",
      () => act.fold(id), { "aria-expanded": String(!folded), "aria-label": folded ? null : t("fold", { name }) }),
    ...context.extras(comment));
}

/**
 * The score, between the buttons that change it.
 * @param {Comment} comment
 * @param {Context} context
 * @param {string} name
 * @param {string | false | undefined} votes which this reader may give
 */
function voting({ id, score, vote }, { t, act }, name, votes) {
  /** @type {(names: string, signs: string, key: "voteUp" | "voteDown", value: 1 | -1) => HTMLElement} */
  const voter = (names, signs, key, value) => button(names, signs[Number(vote === value)],
    () => act.later("vote", id, value), { "aria-label": t(key, { name }), "aria-pressed": String(vote === value) });
  return [
    votes && voter("icon up", "△▲", "voteUp", 1),
    (votes || score) && h("span", "score", {}, ...(score ? [
      h("span", "", { "aria-hidden": true }, String(score).replace("-", "−")),
      h("span", "unseen", {}, t("score", { count: score }))] : [])),
    votes === "both" && voter("icon down", "▽▼", "voteDown", -1),
  ];
}

/**
 * @param {import("./types.d.ts").Submission} submission
 * @param {Context} context
 */
function submissionView({ draft: { key }, trouble }, { t, act }) {
  if (trouble === null) return h("p", "notice", {}, t("sending"));
  return h("footer", "actions", {},
    h("p", "notice fault", {}, trouble),
    button("", t("again"), () => act.retry(key)),
    button("quiet", t("edit"), () => act.edit(key)));
}
