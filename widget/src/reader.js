/** The reader as the service knows one: a key that this browser keeps, and what belongs to it. */

import { search } from "./api.js";

/**
 * Returns a new reader key, 32 random bytes in base64url. Only its hash is stored by the service.
 */
export function newReaderKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/**
 * Returns the names under which a browser keeps something for a service.
 * @param {string} base the service's address
 */
export function keptNames(base) {
  const ours = ["author", "reader", "sort"].map((kind) => `afterword:${kind}:${base}`);
  try {
    // Another page's drafts are known by this list only.
    return [...ours, ...Object.keys(localStorage).filter((name) => name.startsWith(`afterword:draft:${base} `))];
  } catch {
    return ours;
  }
}

/**
 * Returns where the reader's own comments and votes are asked for.
 * @param {import("./types.d.ts").Talk} talk
 * @param {Record<string, unknown>} [query] all, before
 */
export function ownPath({ page, id }, query) {
  return `reader?${search({ page, id, ...query })}`;
}
