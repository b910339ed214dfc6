/** The form for a comment or a reply. It keeps what is typed from the first letter on, and never throws it away. */

import { button, h, set } from "./dom.js";
import { website } from "./page.js";

/** @typedef {import("./types.d.ts").Draft} Draft */
/** @typedef {import("./types.d.ts").Form} Form */
/** @typedef {HTMLInputElement | HTMLTextAreaElement} Control */

/** The textarea grows up to this many lines where the browser cannot make it fit its text by itself. */
const MOST_ROWS = 24;

/** Ids are looked up within one shadow root: one count for the page keeps every form's apart. */
let count = 0;

/**
 * Makes a form.
 * @param {import("./types.d.ts").Context} context
 * @param {import("./types.d.ts").Site} site
 * @param {import("./types.d.ts").Comment | null} parent
 * @returns {Form}
 */
export function formView(context, site, parent) {
  const { t, act } = context;
  const prefix = `form-${++count}-`;
  const place = parent && parent.id;
  const name = parent ? parent.author?.name || t("anonymous") : "";
  const title = parent ? t("replyTo", { name }) : t("write");
  const hint = h("p", "hint", { id: `${prefix}formats` }, t("formats"));
  const privacy = h("p", "hint", { id: `${prefix}privacy` }, t("privacy"));
  const trouble = h("p", "notice fault");
  /** the hint, until the tools for writing stand in its place */
  const row = h("div", "tools", {}, hint);
  let begun = false;
  const node = h("form", "form", { novalidate: true, "aria-label": title, input, keydown, submit, focusin },
    !parent && h("h3", "title", {}, title),
    field("textarea", "body", { rows: 3, required: true, dir: "auto" }, hint, t(parent ? "bodyReply" : "body", { name }), row),
    h("div", "signing", {},
      field("input", "name", { autocomplete: "name", required: site.names === "required", dir: "auto" }),
      field("input", "email", { autocomplete: "email", type: "email" }, privacy),
      field("input", "website", { autocomplete: "url", type: "url" })),
    privacy,
    trouble,
    h("div", "actions", {},
      h("button", "button submit", {}, h("span", "", {}, t(parent ? "sendReply" : "send"))),
      parent && button("quiet", t("cancel"), () => act.cancel(parent.id))));

  const controls = /** @type {Control[]} */ ([...node.elements].slice(0, 4));
  const body = /** @type {HTMLTextAreaElement} */ (controls[0]);
  let draft = context.draftFor(place);
  sign();
  show();

  /**
   * @param {"input" | "textarea"} tag
   * @param {"body" | "name" | "email" | "website"} name
   * @param {import("./dom.js").Attributes} attributes
   * @param {Element} [about] what explains the field
   * @param {string} [label]
   * @param {Node} [below]
   */
  function field(tag, name, attributes, about, label = t(name), below) {
    const id = prefix + name;
    const fault = `${id}-fault`;
    return h("div", "field", {},
      h("label", "label", { for: id }, label,
        h("span", "soft", {}, ` (${t(attributes.required ? "required" : "optional")})`)),
      h(tag, tag, { id, name, "aria-describedby": about ? `${fault} ${about.id}` : fault, ...attributes }),
      h("p", "fault", { id: fault }),
      below);
  }

  /**
   * Marks a field as wrong, or as right again.
   * @param {Control} control
   * @param {string} [fault]
   */
  function mark(control, fault = "") {
    /** @type {Node} */ (control.nextSibling).textContent = fault;
    set(control, { "aria-invalid": !!fault });
  }

  /** Fills in how the reader signed last. */
  function sign() {
    const writer = context.writer();
    for (const control of controls.slice(1)) control.value = writer[/** @type {keyof typeof writer} */ (control.name)];
  }

  /** Shows the draft, and takes back what was said about the text before it. */
  function show() {
    body.value = draft.body;
    trouble.textContent = "";
    for (const control of controls) mark(control);
    grow();
    // Nobody typed this, so no such event came from the browser.
    body.dispatchEvent(new Event("change"));
  }

  /** What follows from the length of the text. */
  function grow() {
    const over = [...body.value].length - site.body;
    body.setCustomValidity(over > 0 ? t("over", { count: over }) : "");
    mark(body, over > 0 ? body.validationMessage : "");
    if (CSS.supports("field-sizing:content")) return;
    while (body.scrollHeight > body.clientHeight && body.rows < MOST_ROWS) body.rows += 1;
  }

  /** @param {{target: Control}} event */
  function input({ target }) {
    if (target !== body) return mark(target);
    draft = { key: draft.key, parent: place, body: body.value };
    act.write(draft);
    grow();
  }

  /** Whoever begins to write gets what helps with it. */
  async function focusin() {
    if (begun) return;
    begun = true;
    begun = await act.later("tools", body, row);
  }

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    // While an input method is composing, Escape and Enter belong to it.
    if (event.isComposing) return;
    if (event.key === "Escape" && parent) act.cancel(parent.id);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  }

  /**
   * Looks at what can be told here, in the browser's own words; the service looks again, and at more.
   * @param {Event} event
   */
  function submit(event) {
    event.preventDefault();
    if (!body.value.trim()) body.value = "";
    for (const control of controls.slice(1)) control.value = control.value.trim();
    controls[3].value = website(controls[3].value);
    const wrong = Object.fromEntries(controls.map(({ name, validationMessage }) => [name, validationMessage]));
    const [, name, email, address] = controls.map(({ value }) => value);
    if (node.checkValidity()) act.send(draft, { name, email, website: address });
    else fail("", wrong);
  }

  /** @type {Form["fail"]} */
  function fail(text, faults, focus = true) {
    const named = /** @type {Record<string, any>} */ ({ ...faults, .../** @type {any} */ (faults)?.author });
    const wrong = controls.filter(({ name }) => named[name]);
    for (const control of wrong) mark(control, [named[control.name]].flat().join(" "));
    if (!wrong.length) trouble.textContent = text;
    if (focus) (wrong[0] ?? body).focus();
  }

  return {
    node,
    fail,
    focus: () => body.focus(),
    take(kept) {
      const since = draft.key !== kept.key && draft.body.trim() && draft;
      draft = kept;
      if (since) {
        act.discard(since.key);
        draft = { ...kept, body: `${kept.body}\n\n${since.body}` };
        act.write(draft);
      }
      show();
    },
    renew() {
      draft = context.draftFor(place);
      sign();
      show();
    },
  };
}
