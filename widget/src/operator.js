/**
 * Links for operators, in a browser that was told to show them: they lead to the service's own pages, where one is
 * signed in, so that nothing of that has to be known here. The mark is no secret, and gives nobody any right.
 */

import { search } from "./api.js";
import { h } from "./dom.js";

/**
 * Shows the links, or no longer, where the address says so: with `#afterword-operator`, and `#afterword-operator=off`.
 * Returns those for a comment, or null when there are to be none.
 * @param {import("./types.d.ts").Talk} talk
 * @param {string | null} mark what this browser keeps for operators
 * @returns {((comment: import("./types.d.ts").Comment) => HTMLElement[]) | null}
 */
export function operator({ base, page, id, root, words: { t, lang, dir }, keep }, mark) {
  const { hash, pathname } = location;
  if (hash.startsWith("#afterword-operator")) {
    mark = hash.endsWith("off") ? null : "1";
    keep(`afterword:operator:${base}`, mark);
    // Whoever passes the address on does not pass this on with it.
    history.replaceState(history.state, "", pathname + location.search);
  }
  if (!mark) return null;
  // Its own hop, since cookies come along only from there on.
  /** @type {(to: string, text: string, about?: string) => HTMLElement} */
  const link = (to, text, about) => h("a", "button quiet moderate", {
    href: `${base}/admin/go?${search({ to: `/admin/${to}` })}`, target: "_blank", rel: "noopener", "aria-describedby": about,
  }, text);
  root.append(h("p", "", { class: "thread", lang, dir }, link(`pages/by-url?${search({ url: page, id })}`, t("closeOpen"))));
  return ({ id, submission }) => submission ? [] : [link(`comments/${id}`, t("moderate"), `by-${id}`)];
}
