/** The form in which an own comment is changed, in the place of its text. */

import { button, h, set } from "./dom.js";
import { tools } from "./tools.js";

/** Ids are looked up within one shadow root: one count for the page keeps every form's apart. */
let count = 0;

/**
 * @typedef {object} Deeds
 * @property {(body: string) => void} write keeps what has been typed
 * @property {(body: string) => Promise<unknown>} save
 * @property {() => void} cancel
 */

/**
 * Makes the form.
 * @param {import("./types.d.ts").Talk} talk
 * @param {string} text
 * @param {Deeds} deeds
 */
export function editPanel(talk, text, { write, save, cancel }) {
  const { t } = talk.words;
  const id = `edit-${++count}`;
  const fault = h("p", "fault", { id: `${id}-fault` });
  const row = h("div", "tools");
  const body = h("textarea", "textarea", { id, rows: 3, required: true, dir: "auto", "aria-describedby": fault.id }, text);
  const submitter = h("button", "button submit", {}, h("span", "", {}, t("save")));
  const node = h("form", "form", { novalidate: true, "aria-label": t("changeOwn"), input, keydown, submit },
    h("div", "field", {}, h("label", "label", { for: id }, t("changeOwn")), body, fault, row),
    h("div", "actions", {}, submitter, button("quiet", t("cancel"), cancel)));
  tools(talk, body, row);

  function input() {
    const over = [...body.value].length - (talk.state.site?.body ?? Infinity);
    mark(over > 0 ? t("over", { count: over }) : "");
    body.setCustomValidity(fault.textContent ?? "");
    write(body.value);
  }

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    // While an input method is composing, Escape and Enter belong to it.
    if (event.isComposing) return;
    if (event.key === "Escape") cancel();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (!body.value.trim()) body.value = "";
    if (!body.checkValidity()) return fail(body.validationMessage);
    set(submitter, { "aria-disabled": true });
    await save(body.value);
    set(submitter, { "aria-disabled": null });
  }

  /** @param {string} text */
  function mark(text) {
    fault.textContent = text;
    set(body, { "aria-invalid": !!text });
  }

  /**
   * Says why the text was not taken.
   * @param {string} text
   * @param {import("./types.d.ts").Faults} [faults]
   */
  function fail(text, faults) {
    mark([faults?.body ?? text].flat().join(" "));
    body.focus();
  }

  return {
    node,
    fail,
    focus() {
      body.focus();
      body.setSelectionRange(body.value.length, body.value.length);
    },
  };
}
