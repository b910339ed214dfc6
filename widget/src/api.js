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
 * Asks for a page's thread, or for the part of it that a cursor points at.
 * @param {string} base the service's address, without a slash at its end
 * @param {Record<string, unknown>} query page, id, after, parent: what is null stays out
 * @param {AbortSignal} signal
 * @returns {Promise<Answer<import("./types.d.ts").Thread>>}
 */
export function getThread(base, query, signal) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null) search.set(name, String(value));
  return ask(`${base}/api/v1/thread?${search}`, {}, signal);
}

/**
 * Sends a comment. The key makes a retry safe: the service answers the same comment again instead of adding another.
 * @param {string} base
 * @param {object} comment what is null or empty stays out
 * @param {string} key
 * @param {string | null} reader the reader key, once there is one
 * @param {AbortSignal} signal
 * @returns {Promise<Answer<{comment: import("./types.d.ts").Comment, reader_key: string}>>}
 */
export function sendComment(base, comment, key, reader, signal) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return ask(`${base}/api/v1/comments`, {
    method: "POST",
    headers: reader ? { ...headers, Authorization: `Bearer ${reader}` } : headers,
    body: JSON.stringify(comment, (_, value) => value || undefined),
  }, signal);
}

/**
 * @param {string} address
 * @param {RequestInit} request
 * @param {AbortSignal} signal
 * @returns {Promise<Answer<any>>}
 */
async function ask(address, request, signal) {
  try {
    const response = await fetch(address, {
      ...request,
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
