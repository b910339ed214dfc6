/** The form in which a comment is reported to the operators. */

import { button, h } from "./dom.js";
import { newReaderKey } from "./reader.js";

/** The longest reason, in characters. */
const REASON = 300;

/**
 * Opens the form beneath a comment, or shuts it.
 * @param {import("./types.d.ts").Talk} talk
 * @param {import("./types.d.ts").Id} id
 */
export function reportPanel(talk, id) {
  const { t } = talk.words;
  const field = `report-${id}`;
  const fault = h("p", "fault", { id: `${field}-fault` });
  const reason = h("input", "input", { id: field, maxlength: REASON, dir: "auto", "aria-describedby": fault.id });
  const node = h("form", "form report-form", { "aria-label": t("report"), keydown, submit },
    h("div", "field", {}, h("label", "label", { for: field }, t("reportReason"),
      h("span", "soft", {}, ` (${t("optional")})`)), reason, fault),
    h("div", "actions", {},
      h("button", "button", {}, t("sendReport")),
      button("quiet", t("cancel"), shut)));
  talk.panel(id, { node });
  reason.focus();

  function shut() {
    talk.panel(id, null);
    talk.view.focus(id, ".report");
  }

  /** @param {KeyboardEvent} event */
  function keydown({ key, isComposing }) {
    if (key === "Escape" && !isComposing) shut();
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (!talk.readerKey()) talk.readerKey(newReaderKey());
    const answer = await talk.ask("POST", `comments/${id}/report`, { reason: reason.value.trim() });
    if (answer.status === 204) {
      const thanks = h("p", "notice", { tabindex: -1 }, t("reported"));
      talk.panel(id, { node: thanks });
      thanks.focus();
      talk.say("reported");
    } else {
      fault.textContent = talk.reason(answer);
      reason.focus();
    }
  }
}
