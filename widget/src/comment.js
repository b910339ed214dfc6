/** One comment as it is shown. */

import { button, h, link, rebuild } from "./dom.js";
import { brief, full } from "./time.js";

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Context} Context */

/**
 * Makes a comment's article.
 * @param {Comment} comment
 * @param {Context} context
 * @param {boolean | undefined} closed whether replies are refused
 * @param {Comment | null | undefined} to whom this one answers, when its place alone does not tell
 */
export function commentView(comment, context, closed, to) {
  const { t, act, here } = context;
  const { id, author, number, submission } = comment;
  const label = `by-${id}`;
  const mark = number && h("span", "number", {}, number);
  const article = h("article", "comment", { id: `comment-${id}`, "aria-labelledby": author && label });
  if (!author) {
    article.append(h("p", "byline gone", {}, mark, t(comment.state === "deleted" ? "deleted" : "pending")));
    return article;
  }
  const name = nameOf(comment, context);
  article.append(
    h("header", "byline", {},
      mark,
      h("h3", "author", { id: label }, link(h("a", "", { dir: "auto" }, name), author.website)),
      author.operator && h("span", "badge", {}, t("operator")),
      !submission && permalink(comment, context),
      to && h("a", "aside", { href: here + to.id }, t("inReplyTo", { name: nameOf(to, context) }))),
    h("div", "body", {}, submission ? h("p", "plain", { dir: "auto" }, submission.draft.body) : rebuild(comment.html)),
    submission ? submissionView(submission, context)
      : comment.state === "pending" ? h("p", "notice", {}, t("held"))
        : closed ? "" : h("footer", "actions", {},
          button("quiet reply", t("reply"), () => act.reply(comment), { "aria-label": t("replyTo", { name }) })));
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
function permalink({ id, created, edited }, { t, here }) {
  return h("span", "aside", {},
    h("a", "", { href: here + id },
      h("time", "time", { datetime: created, title: full(created), lang: navigator.language }, brief(created))),
    edited && h("span", "", { title: full(edited) }, `, ${t("edited")}`));
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
