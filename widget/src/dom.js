/**
 * The only place that makes nodes. Nothing here parses markup: the service's HTML is read token by token and built anew
 * under an allow-list, so that a page's CSP and Trusted Types have nothing to object to, and a fault of the service's
 * sanitiser is not the host page's.
 */

// A host page may hold `<form name="createElement">`, which then hides the document's own method.
const { createElement, querySelector } = Document.prototype;

/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */
/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Returns the first element of the host page that a selector finds.
 * @param {string} selector
 * @returns {Element | null}
 */
export function find(selector) {
  return querySelector.call(document, selector);
}

/**
 * Makes an element. Its names are its classes and, for the owner's style sheet, its parts.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [names]
 * @param {Attributes} [attributes] as `set` takes them
 * @param {Child[]} children null, undefined, false and "" are none
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, names, attributes, ...children) {
  const node = /** @type {HTMLElementTagNameMap[Tag]} */ (createElement.call(document, tag));
  set(node, { class: names || null, part: names || null, ...attributes });
  node.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child)));
  return node;
}

/**
 * Sets attributes. Null, undefined and false remove one; a function becomes a listener for the event that the name
 * gives ("click"), so that an `on…` attribute is never written.
 * @param {Element} node
 * @param {Attributes} attributes
 */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value == null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, String(value));
  }
}

/**
 * @param {string} names
 * @param {string} label
 * @param {(event: Event) => void} click
 * @param {Attributes} [attributes]
 */
export function button(names, label, click, attributes) {
  return h("button", `button ${names}`, { type: "button", click, ...attributes }, label);
}

/**
 * Makes a picture of strokes, which says nothing to those who do not see it.
 * @param {string} strokes as in the attribute `d`, in a square of 24
 */
export function icon(strokes) {
  const { createElementNS } = Document.prototype;
  const [svg, path] = ["svg", "path"].map((tag) => createElementNS.call(document, "http://www.w3.org/2000/svg", tag));
  set(svg, { viewBox: "0 0 24 24", class: "sign", "aria-hidden": true });
  set(path, { d: strokes });
  svg.append(path);
  return svg;
}

/**
 * Makes these elements the children of a node. What stands there already is not touched: a node that is moved loses the focus.
 * @template {Element} Parent
 * @param {Parent} parent
 * @param {(Element | 0 | null | undefined | false)[]} children
 */
export function fill(parent, children) {
  const nodes = new Set(/** @type {Element[]} */ (children.filter((child) => child)));
  for (const child of [...parent.children]) if (!nodes.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  return parent;
}

/** Elements that a comment may hold. */
const ALLOWED = /^(a|blockquote|br|code|del|em|li|ol|p|pre|s|strong|ul)$/;

/** Attributes that are taken over when their value looks like this. */
const KEPT = /** @type {Record<string, RegExp>} */ ({ class: /^language-[\w+#.-]{1,40}$/, start: /^\d{1,9}$/, title: /^/ });

/** A tag, a run of text, or a "<" that begins no tag. Values may hold "<" and ">". */
const TOKEN = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>|[^<]+|</gi;
const ATTRIBUTE = /([a-z-]+)="([^"]*)"/gi;

/** Deeper than any comment the service makes; beyond it elements stand side by side. */
const DEEPEST = 64;

/**
 * Builds the nodes of a comment's sanitised HTML. Takes time linear in its length; whatever it is given, it neither
 * throws nor makes anything that is not listed above, and loses no text.
 * @param {string} html
 */
export function rebuild(html) {
  const root = new DocumentFragment();
  /** @type {(DocumentFragment | Element)[]} */
  const open = [root];
  for (const [token, closing, name = "", rest] of String(html).matchAll(TOKEN)) {
    const tag = name.toLowerCase();
    const inner = open[open.length - 1];
    if (!tag) {
      inner.append(decode(token));
    } else if (closing) {
      const at = open.findLastIndex((node) => node.nodeName.toLowerCase() === tag);
      if (at > 0) open.length = at;
    } else if (ALLOWED.test(tag)) {
      const node = element(tag, rest);
      inner.append(node);
      if (tag !== "br" && open.length < DEEPEST) open.push(node);
    }
  }
  // The outermost block decides for all within, so that a quote and its line, a list and its marks stay on one side.
  // Only now: the browser looks for the first letter again with every node that is put into such an element.
  for (const block of root.children) if (!block.hasAttribute("dir")) set(block, { dir: "auto" });
  return root;
}

/**
 * @param {string} tag
 * @param {string} rest the attributes as they are written
 */
function element(tag, rest) {
  const node = h(/** @type {any} */ (tag));
  for (const [, name, written] of rest.matchAll(ATTRIBUTE)) {
    const value = decode(written);
    if (name === "href" && tag === "a") link(node, value, /^(https?|mailto):$/);
    else if (Object.hasOwn(KEPT, name) && KEPT[name].test(value)) set(node, { [name]: value });
  }
  // It may scroll, and a keyboard must be able to.
  if (tag === "pre") set(node, { dir: "ltr", tabindex: 0 });
  return node;
}

/**
 * Makes an anchor a link, if the address is one in full and of these schemes: a relative one would point into the
 * host's site.
 * @param {HTMLElement} anchor
 * @param {string | null} address
 * @param {RegExp} [schemes]
 */
export function link(anchor, address, schemes = /^https?:$/) {
  const url = address && URL.canParse(address) && new URL(address);
  if (url && schemes.test(url.protocol)) set(anchor, { href: url.href, rel: "nofollow ugc noopener noreferrer" });
  return anchor;
}

/** @type {Record<string, string>} */
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

/** @param {string} text */
function decode(text) {
  return text.replace(/&(?:(amp|lt|gt|quot|nbsp)|#(x?)([\da-f]{1,6}));/gi, (whole, name, hex, digits) => {
    const point = parseInt(digits, hex ? 16 : 10);
    // No character, or one beyond Unicode, is shown as it is written.
    return name ? NAMED[name.toLowerCase()] : point < 0x110000 ? String.fromCodePoint(point) : whole;
  });
}
