/** What is kept in this browser: texts that the service has not confirmed, how the reader signs, the reader key. */

/** @typedef {import("./types.d.ts").Draft} Draft */

/** What could not be stored, because storage is full, forbidden or absent: kept for as long as the page lives. */
const memory = new Map();

/** How long to wait after a keystroke before writing, in milliseconds. */
const PAUSE = 300;

/**
 * Returns what is kept under a name, or null.
 * @param {string} name
 * @returns {string | null}
 */
export function read(name) {
  try {
    // Where storage is forbidden, naming it is what throws.
    return memory.has(name) ? memory.get(name) : localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * Keeps a text under a name; null forgets it. Never throws.
 * @param {string} name
 * @param {string | null} text
 */
export function write(name, text) {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
    memory.delete(name);
  } catch {
    memory.set(name, text);
  }
}

/**
 * Returns the JSON value that is kept under a name, or null when there is none that can be read.
 * @param {string} name
 */
export function readJson(name) {
  try {
    return JSON.parse(read(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * The texts of one page that the service has not confirmed. They are a list, not one to a form: a reader may write on
 * while an earlier text waits for the network.
 */
export class Drafts {
  /** @param {string} name */
  constructor(name) {
    this._name = name;
    this._waiting = /** @type {Map<string, Draft>} */ (new Map());
    this._timer = 0;
  }

  /** @returns {Draft[]} */
  list() {
    this.flush();
    return [readJson(this._name)].flat().filter((draft) => draft?.body?.trim);
  }

  /**
   * Keeps a text, a moment later; an empty one is forgotten.
   * @param {Draft} draft
   */
  save(draft) {
    this._waiting.set(draft.key, draft);
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.flush(), PAUSE);
  }

  /** @param {string} key */
  remove(key) {
    this.save({ key, parent: null, body: "" });
    this.flush();
  }

  /** Writes what waits. The list is read again first: another tab may have added to it. */
  flush() {
    const waiting = this._waiting;
    if (!waiting.size) return;
    this._waiting = new Map();
    const byKey = new Map(this.list().map((draft) => [draft.key, draft]));
    for (const [key, draft] of waiting) byKey.set(key, draft);
    const kept = [...byKey.values()].filter(({ body }) => body.trim());
    write(this._name, kept.length ? JSON.stringify(kept) : null);
  }
}

/** Returns a new idempotency key: 128 random bits. (`crypto.randomUUID` exists on secure pages only.) */
export function newKey() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
