/** The service's HTTP interface, as far as a reader's browser uses it. Nothing here throws: a failure is an answer. */

/**
 * What was asked for, or the problem details, as far as there are any; `status` is 0 when the service could not be
 * reached, `wait` the seconds after which to ask again, 0 when the service did not say.
 * @template Success
 * @typedef {Partial<Success> & import("./types.d.ts").Problem & {status: number, wait: number}} Answer
 */

/** After this many milliseconds a request counts as failed: a phone that loses its network may never say so. */
const PATIENCE = 20_000;

/**
 * Writes a query: what is null stays out.
 * @param {Record<string, unknown>} query
 */
export function search(query) {
  const given = Object.entries(query).filter(([, value]) => value != null);
  return new URLSearchParams(/** @type {[string, string][]} */ (given));
}

/**
 * Asks for a page's thread, or for the part of it that the query names.
 * @param {string} base the service's address, without a slash at its end
 * @param {Record<string, unknown>} query page, id, sort, after, before, parent, at, number, since
 * @param {AbortSignal} signal
 * @returns {Promise<Answer<import("./types.d.ts").Thread>>}
 */
export function getThread(base, query, signal) {
  return ask(base, "GET", `thread?${search(query)}`, signal);
}

/**
 * Asks the service for something.
 * @param {string} base
 * @param {string} method
 * @param {string} path below `/api/v1/`
 * @param {AbortSignal} signal
 * @param {object} [body] what is null or empty stays out
 * @param {string | null} [reader] the reader key
 * @param {string} [key] makes a retry safe: the service answers the same comment again instead of adding another
 * @returns {Promise<Answer<any>>}
 */
export async function ask(base, method, path, signal, body, reader, key) {
  const headers = new Headers();
  if (body) headers.set("Content-Type", "application/json");
  if (reader) headers.set("Authorization", `Bearer ${reader}`);
  if (key) headers.set("Idempotency-Key", key);
  try {
    const response = await fetch(`${base}/api/v1/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body, (_, value) => (value === "" || value === null ? undefined : value)),
      // Never a cookie: the service does not want any, and on a shared domain there might be the host's.
      credentials: "omit",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    // A proxy's own error page is no JSON, and still an answer.
    const answer = await response.json().catch(() => null);
    return { ...answer, status: response.status, wait: Number(response.headers.get("Retry-After")) };
  } catch {
    return { status: 0, wait: 0 };
  }
}
