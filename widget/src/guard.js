/**
 * What a site may want to have with a comment: a token that says when its form was asked for, a field that only machines
 * fill in, and work done by the browser (ALTCHA, https://altcha.org). Readers notice nothing of it.
 */

import { search } from "./api.js";
import { h } from "./dom.js";

/** A form that was asked for longer ago than this, in milliseconds, is asked for anew. */
const FRESH = 12 * 3_600_000;

/** So many keys are derived at once, off the page's own thread. */
const AT_ONCE = 16;

/** No challenge of the service takes so many tries. */
const MOST = 100_000;

/**
 * Puts itself between a conversation and the service.
 * @param {import("./types.d.ts").Talk} talk
 */
export function guard(talk) {
  const { ask, page, id, root } = talk;
  /** @type {{at: number, sent: Promise<object | undefined>} | null} */
  let form = null;
  root.addEventListener("input", prepare);
  talk.ask = async (method, path, body, key) => {
    if (method !== "POST" || path !== "comments") return ask(method, path, body, key);
    const answer = await send();
    // It was out of date, or used already: another one will do.
    return answer.type?.endsWith("/form-needed") ? send() : answer;

    async function send() {
      prepare();
      const filled = await form?.sent;
      // Good once.
      form = null;
      return ask(method, path, { ...body, form: { ...filled, trap: caught() } }, key);
    }
  };
  return { prepare, lay };

  /** Asks for a form, as soon as somebody begins to write. */
  function prepare() {
    if (!talk.state.site?.form || (form && Date.now() - form.at < FRESH)) return;
    form = { at: Date.now(), sent: filled() };
  }

  async function filled() {
    const { token, work, seconds } = await ask("GET", `form?${search({ page, id })}`);
    if (!token) return;
    const [done] = await Promise.all([work && solve(work), new Promise((go) => setTimeout(go, seconds * 1_000))]);
    return { token, work: done };
  }

  /**
   * Lays the trap: a field beside those of a form that nobody sees or reaches. What it caught goes along with the
   * comment whether a form is asked for or not; the service looks at it where the site wants that.
   * @param {Element} row
   */
  function lay(row) {
    row.after(h("div", "unseen trap", { "aria-hidden": true },
      h("label", "", {}, "Leave this empty ", h("input", "", { name: "subject", tabindex: -1, autocomplete: "off" }))));
  }

  function caught() {
    return [.../** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll(".trap input"))].map(({ value }) => value).join("").slice(0, 300);
  }
}

/**
 * Does the work, and returns the answer as the service reads it; nothing where the browser cannot, as on a page without
 * TLS.
 * @param {any} challenge
 */
async function solve(challenge) {
  const { nonce, salt, cost, keyPrefix, keyLength } = challenge.parameters;
  const { subtle } = crypto;
  if (!subtle) return;
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  const start = bytes(nonce);

  /** @param {number} counter */
  async function derive(counter) {
    const password = new Uint8Array(start.length + 4);
    password.set(start);
    new DataView(password.buffer).setUint32(start.length, counter);
    const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    return hex(await subtle.deriveBits(derivation, key, keyLength * 8));
  }

  for (let first = 0; first < MOST; first += AT_ONCE) {
    const keys = await Promise.all(Array.from({ length: AT_ONCE }, (_, place) => derive(first + place)));
    const place = keys.findIndex((key) => key.startsWith(keyPrefix));
    if (place >= 0) return btoa(JSON.stringify({ challenge, solution: { counter: first + place, derivedKey: keys[place] } }));
  }
}

/** @param {string} digits */
function bytes(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {ArrayBuffer} buffer */
function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
