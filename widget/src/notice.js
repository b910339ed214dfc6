/** Sentences that stand where a thread or a form would be. */

import { button, h } from "./dom.js";

/** @typedef {import("./types.d.ts").Context} Context */

/**
 * Returns what stands in the place of a thread that is on its way, or did not come. The slot shows what the owner has
 * put into the element, a link to the plain page for example.
 * @param {Context} context
 * @param {import("./types.d.ts").State["phase"]} phase
 */
export function threadNotice({ t, act }, phase) {
  // Room for a short thread, so that the page below does not jump much.
  if (phase === "loading") return h("div", "waiting", {}, h("p", "hint", {}, t("loading")));
  const known = phase !== "unknown";
  return h("div", "notice box", {},
    h("p", "", {}, known ? t("failed") : t("unknown", { origin: location.origin })),
    known && button("", t("again"), () => act.load()),
    h("slot"));
}

/**
 * Returns what stands in the place of the form on a closed page. Texts that can no longer be sent are put into it by
 * `more.js`.
 * @param {Context} context
 * @param {import("./types.d.ts").Page} page
 */
export function closedNotice({ t, brief }, { reason, reopens }) {
  return h("div", "notice box", {},
    h("strong", "", {}, t("closed")),
    reason && h("p", "", { dir: "auto" }, reason),
    reopens && h("p", "", {}, t("reopens", { date: brief(reopens) })));
}
