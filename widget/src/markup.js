/** What the tools for writing do to a text. Pure: a text and a selection in, what to put in the place of what out. */

/**
 * @typedef {object} Change
 * @property {number} from what is replaced
 * @property {number} to
 * @property {string} text by what
 * @property {[number, number]} selection afterwards
 */

/** What stands on both sides of a stretch, and at the start of each line. */
const AROUND = /** @type {Record<string, string>} */ ({ bold: "**", italic: "*", code: "`" });
const AHEAD = /** @type {Record<string, string>} */ ({ quote: "> ", list: "- " });

/**
 * Returns what a tool does to a text; used again on what it has done, it takes it back.
 * @param {string} kind bold, italic, code, quote, list or link
 * @param {string} value
 * @param {number} start of the selection
 * @param {number} end
 * @returns {Change}
 */
export function markup(kind, value, start, end) {
  const chosen = value.slice(start, end);
  if (kind === "link") return linked(chosen, start, end);
  if (kind in AHEAD) return lines(AHEAD[kind], value, start, end);
  if (kind === "code" && chosen.includes("\n")) return fenced(chosen, start, end);
  return wrapped(AROUND[kind], value, start, end);
}

/**
 * @param {string} mark
 * @param {string} value
 * @param {number} start
 * @param {number} end
 * @returns {Change}
 */
function wrapped(mark, value, start, end) {
  const size = mark.length;
  const before = value.slice(0, start);
  const chosen = value.slice(start, end);
  // "*" within "**" is half of another mark, not one to be taken back.
  const single = (/** @type {string} */ text) => mark !== "*" || !text.endsWith("**") || text.endsWith("***");
  if (before.endsWith(mark) && value.startsWith(mark, end) && single(before)) {
    return { from: start - size, to: end + size, text: chosen, selection: [start - size, end - size] };
  }
  // Spaces at the ends stay outside: a mark beside a space is none.
  const [, ahead, text, behind] = /** @type {string[]} */ (/^(\s*)([^]*?)(\s*)$/.exec(chosen));
  const from = start + ahead.length;
  return {
    from, to: end - behind.length, text: mark + text + mark, selection: [from + size, from + size + text.length],
  };
}

/**
 * @param {string} mark
 * @param {string} value
 * @param {number} start
 * @param {number} end
 * @returns {Change}
 */
function lines(mark, value, start, end) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const next = value.indexOf("\n", Math.max(start, end - 1));
  const to = next < 0 ? value.length : next;
  const rows = value.slice(from, to).split("\n");
  const marked = rows.every((row) => row.startsWith(mark));
  const text = rows.map((row) => (marked ? row.slice(mark.length) : mark + row)).join("\n");
  // A list or a quotation begins with a paragraph of its own.
  const gap = marked || from === 0 || value.slice(0, from).endsWith("\n\n") ? "" : "\n";
  const last = from + gap.length + text.length;
  return { from, to, text: gap + text, selection: start === end ? [last, last] : [from + gap.length, last] };
}

/**
 * @param {string} chosen
 * @param {number} start
 * @param {number} end
 * @returns {Change}
 */
function fenced(chosen, start, end) {
  const text = `\`\`\`\n${chosen.replace(/\n$/, "")}\n\`\`\``;
  return { from: start, to: end, text, selection: [start + 4, start + text.length - 4] };
}

/**
 * @param {string} chosen
 * @param {number} start
 * @param {number} end
 * @returns {Change}
 */
function linked(chosen, start, end) {
  const address = /^(https?|mailto):\S+$/.test(chosen);
  const text = address ? `[](${chosen})` : `[${chosen}](https://)`;
  // What is missing is where the writer goes on: the words, or the address.
  const at = address || !chosen ? start + 1 : start + text.length - 1;
  return { from: start, to: end, text, selection: [at, at] };
}
