/** Sentences that stand where a thread or a form would be. */

import { button, h } from "./dom.js";
import { brief } from "./time.js";

/** @typedef {import("./types.d.ts").Context} Context */

/**
 * Returns what stands in the place of a thread that is on its way, or did not come. The slot shows what the owner has
 * put into the element, a link to the plain page for example.
 * @param {Context} context
 * @param {import("./types.d.ts").State["phase"]} phase
 */
export function threadNotice({ t, act }, phase) {
  // Room for a short thread, so that the page below does not jump much.
  if (phase === "loading") return h("div", "waiting", {}, h("p", "hint", {}, t("loading")), h("p", "bone"), h("p", "bone"));
  const known = phase !== "unknown";
  return h("div", "notice box", {},
    h("p", "", {}, known ? t("failed") : t("unknown", { origin: location.origin })),
    known && button("", t("again"), () => act.load()),
    h("slot"));
}

/**
 * Returns what stands in the place of the form on a closed page, with the texts that can no longer be sent: they stay
 * readable and can be copied.
 * @param {Context} context
 * @param {import("./types.d.ts").Page} page
 */
export function closedNotice(context, { reason, reopens }) {
  const { t, drafts } = context;
  return h("div", "notice box", {},
    h("strong", "", {}, t("closed")),
    reason && h("p", "", { dir: "auto" }, reason),
    reopens && h("p", "", {}, t("reopens", { date: brief(reopens) })),
    ...drafts().map((draft) => keptText(context, draft)));
}

/**
 * @param {Context} context
 * @param {import("./types.d.ts").Draft} draft
 */
function keptText({ t, act }, { key, body }) {
  const id = `kept-${key}`;
  const kept = h("div", "field", {},
    h("label", "label", { for: id }, t("kept")),
    h("textarea", "textarea", { id, readonly: true, rows: 4, dir: "auto" }, body),
    button("quiet", t("discard"), () => {
      act.discard(key);
      kept.remove();
    }));
  return kept;
}
