/** The state of a thread, and what each event makes of it: pure functions from one state to the next. */

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Submission} Submission */

/** @type {State} */
export const START = { phase: "loading", page: null, site: null, comments: [], next: null, replying: [] };

/**
 * @param {import("./types.d.ts").Thread} thread
 * @returns {State}
 */
export function loaded({ page, site, comments, next }) {
  return { ...START, phase: "ready", page, site, comments, next };
}

/**
 * Returns the state with a further part of the thread: more top-level comments, or more replies under a parent.
 * @param {State} state
 * @param {Id | null} parent
 * @param {Comment[]} batch
 * @param {string | null} next
 * @returns {State}
 */
export function more(state, parent, batch, next) {
  const fresh = new Set(batch.map(({ id }) => id));
  const kept = state.comments.filter(({ id }) => !fresh.has(id));
  // What the reader sent from here came after everything that was still to be loaded.
  const comments = inOrder([...kept.filter(({ own }) => !own), ...batch, ...kept.filter(({ own }) => own)]);
  return parent === null ? { ...state, comments, next }
    : { ...state, comments: change(comments, parent, (comment) => ({ ...comment, more: next })) };
}

/**
 * Returns the state with the form under a comment opened or shut.
 * @param {State} state
 * @param {Id} parent
 * @param {boolean} open
 * @returns {State}
 */
export function replying(state, parent, open) {
  const others = state.replying.filter((id) => id !== parent);
  return { ...state, replying: open ? [...others, parent] : others };
}

/**
 * Returns the state with a text on its way, standing where it will stand; its form is done.
 * @param {State} state
 * @param {Submission} submission
 * @returns {State}
 */
export function sending(state, submission) {
  const { draft: { key, parent }, author: { name } } = submission;
  const above = state.comments.find(({ id }) => id === parent);
  const comment = /** @type {Comment} */ ({
    id: key, parent, submission, own: true, state: "pending", author: { name },
    depth: above ? Math.min(above.depth + 1, state.site?.depth ?? 0) : 0,
  });
  const comments = inOrder([...state.comments, comment]);
  return replying({ ...state, comments }, parent ?? key, false);
}

/**
 * Returns the state with a word on how a text's sending goes: why it did not go, or null while it goes again.
 * @param {State} state
 * @param {string} key
 * @param {string | null} trouble
 * @returns {State}
 */
export function troubled(state, key, trouble) {
  return { ...state, comments: change(state.comments, key, (comment) => (
    { ...comment, submission: { .../** @type {Submission} */ (comment.submission), trouble } })) };
}

/**
 * Returns the state with what the service made of a text in the text's place.
 * @param {State} state
 * @param {string} key
 * @param {Comment} comment
 * @returns {State}
 */
export function sent(state, key, comment) {
  // A retry after a lost answer may bring a comment that has been loaded in the meantime: it must not stand there twice.
  if (state.comments.some(({ id }) => id === comment.id)) return withdrawn(state, key);
  const { page } = state;
  return {
    ...state,
    comments: change(state.comments, key, () => ({ ...comment, own: true })),
    page: page && comment.state === "published" ? { ...page, count: page.count + 1 } : page,
  };
}

/**
 * Returns the state without a text that its writer has taken back.
 * @param {State} state
 * @param {string} key
 * @returns {State}
 */
export function withdrawn(state, key) {
  return { ...state, comments: state.comments.filter(({ id }) => id !== key) };
}

/**
 * Returns the state of a page that turned out to be closed, for a reason and until a time if they were given.
 * @param {State} state
 * @param {{reason?: string | null, reopens?: string | null}} why
 * @returns {State}
 */
export function closed(state, { reason, reopens }) {
  return { ...state, replying: [], page: state.page && { ...state.page, closed: true, reason, reopens } };
}

/**
 * Returns how many replies below a comment are still to be loaded, at least 1: this is asked where there is a cursor.
 * @param {State} state
 * @param {Comment} comment
 */
export function repliesLeft({ comments }, comment) {
  const family = new Set([comment.id]);
  const loaded = comments.filter(({ id, parent, state }) => family.has(/** @type {Id} */ (parent)) && family.add(id)
    && state === "published");
  return Math.max(1, comment.replies - loaded.length);
}

/**
 * Returns comments in display order, a reply after its parent; siblings keep their order, and what has no parent here
 * stands at the top.
 * @param {Comment[]} comments
 */
function inOrder(comments) {
  const ids = new Set(comments.map(({ id }) => id));
  const below = Map.groupBy(comments, ({ parent }) => (ids.has(/** @type {Id} */ (parent)) ? parent : null));
  /** @type {(parent: Id | null) => Comment[]} */
  const walk = (parent) => (below.get(parent) ?? []).flatMap((comment) => [comment, ...walk(comment.id)]);
  return walk(null);
}

/**
 * @param {Comment[]} comments
 * @param {Id} id
 * @param {(comment: Comment) => Comment} by
 */
function change(comments, id, by) {
  return comments.map((comment) => (comment.id === id ? by(comment) : comment));
}
