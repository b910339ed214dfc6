/** Which page a thread belongs to, and which service answers for it. Pure: strings in, strings out. */

/**
 * Returns the address of the service that a script was served from: its folder, without the last slash.
 * @param {string} script
 */
export function baseOf(script) {
  return new URL(".", script).href.slice(0, -1);
}

/**
 * Returns a web address in full, without its fragment, or null when it is none.
 * @param {string | null | undefined} text
 * @param {string} base
 */
function webAddress(text, base) {
  try {
    const url = new URL(text || "", base);
    url.hash = "";
    return text && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Returns the page's address: what the owner says, else the canonical link, else the location.
 * A canonical link may be relative, and content systems leave it empty or with another scheme: then it says nothing.
 * @param {string | null} given
 * @param {string | null | undefined} canonical
 * @param {string} base what relative addresses are relative to
 * @param {string} location
 */
export function pageAddress(given, canonical, base, location) {
  return webAddress(given, base) ?? webAddress(canonical, base) ?? location.split("#")[0];
}

/**
 * Returns what a fragment points at, in the words in which the service is asked for it, or null.
 * @param {string} fragment "#comment-" and an id, "#response-" and a number
 * @returns {import("./types.d.ts").Link | null}
 */
export function linkIn(fragment) {
  const [, kind, digits] = /^#(comment|response)-([1-9]\d{0,14})$/.exec(fragment) ?? [];
  return kind ? { [kind === "comment" ? "at" : "number"]: digits } : null;
}

/**
 * Returns a website as a reader means it: "example.org" is taken for "https://example.org".
 * @param {string} text
 */
export function website(text) {
  return text && !/^\w+:\/\//.test(text) ? `https://${text}` : text;
}
