/** The texts that can no longer be sent, because the page has closed: they stay readable and can be copied. */

import { button, h } from "./dom.js";

/**
 * Puts them into the notice that stands in the place of the form.
 * @param {import("./types.d.ts").Talk} talk
 * @param {HTMLElement} notice
 */
export function keptTexts({ words: { t }, drafts }, notice) {
  for (const { key, body } of drafts.list()) {
    const id = `kept-${key}`;
    const kept = h("div", "field", {},
      h("label", "label", { for: id }, t("kept")),
      h("textarea", "textarea", { id, readonly: true, rows: 4, dir: "auto" }, body),
      button("quiet", t("discard"), () => {
        drafts.remove(key);
        kept.remove();
      }));
    notice.append(kept);
  }
}
