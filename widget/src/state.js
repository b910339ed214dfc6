/** The state of a thread, and what each event makes of it: pure functions from one state to the next. */

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Submission} Submission */

/** @type {State} */
export const START = {
  phase: "loading", page: null, site: null, comments: [], next: null, previous: null, sort: "oldest",
  replying: [], folded: [], waiting: 0,
};

/**
 * Returns the state with a thread in the place of what was shown before. What is on its way stays.
 * @param {State} state
 * @param {import("./types.d.ts").Thread} thread
 * @param {string} [at] the comment that was asked for by its id
 * @returns {State}
 */
export function loaded(state, { page, site, comments, next, previous = null }, at) {
  const own = state.comments.filter(({ submission }) => submission);
  // The replies from there on are here, and what they answer; those before it begin at `earlier`.
  let far = false;
  const found = comments.map((comment) => {
    if (comment.parent === null) far = !!comment.earlier;
    return comment.earlier ? { ...comment, meets: Number(at) } : far ? { ...comment, far } : comment;
  });
  return withLate({ ...state, phase: "ready", page, site, next, previous, waiting: 0 }, found, own);
}

/**
 * Returns the state with a further part of the thread.
 * @param {State} state
 * @param {import("./types.d.ts").Part} part which one
 * @param {Comment[]} batch
 * @param {string | null} cursor of what follows it, or of what is before it
 * @returns {State}
 */
export function more(state, { parent, back }, batch, cursor) {
  const fresh = new Set(batch.map(({ id }) => id));
  const kept = state.comments.filter(({ id }) => !fresh.has(id));
  /** whether a comment stands ahead of the batch, behind it, or came late */
  const place = (/** @type {Comment} */ { late, far }) => (late ? 2 : back && (far || parent === null) ? 1 : 0);
  const [near, far, late] = [0, 1, 2].map((wanted) => kept.filter((comment) => place(comment) === wanted));
  const grown = withLate(state, [...near, ...batch, ...far], late);
  if (parent === null) return { ...grown, [back ? "previous" : "next"]: cursor };
  return patched(grown, parent, ({ meets }) => (
    back ? { earlier: fresh.has(/** @type {Id} */ (meets)) ? null : cursor } : { more: cursor }));
}

/**
 * Returns the state with comments that came after the thread was loaded, oldest first. The page counts all that waited;
 * what the reader has sent in the meantime it counts already.
 * @param {State} state
 * @param {Comment[]} batch
 * @returns {State}
 */
export function arrived(state, batch) {
  const known = new Set(state.comments.map(({ id }) => id));
  const late = batch.filter(({ id }) => !known.has(id)).map((comment) => ({ ...comment, late: true, fresh: true }));
  // One by one: newest first, each stands ahead of the one before.
  const grown = late.reduce((grown, comment) => withLate(grown, grown.comments, [comment]), state);
  return { ...grown, waiting: 0, page: state.page && { ...state.page, count: state.page.count + state.waiting } };
}

/**
 * Returns the state with the form under a comment opened or shut.
 * @param {State} state
 * @param {Id} parent
 * @param {boolean} open
 * @returns {State}
 */
export function replying(state, parent, open) {
  return { ...state, replying: toggled(state.replying, parent, open) };
}

/**
 * Returns the state with the replies to a comment folded away or shown.
 * @param {State} state
 * @param {Id} id
 * @param {boolean} [away] the opposite of what is, unless given
 * @returns {State}
 */
export function folded(state, id, away = !state.folded.includes(id)) {
  return { ...state, folded: toggled(state.folded, id, away) };
}

/**
 * Returns the state in which nothing that a comment stands under is folded away.
 * @param {State} state
 * @param {Id} id
 * @returns {State}
 */
export function uncovered(state, id) {
  const parent = state.comments.find((comment) => comment.id === id)?.parent ?? null;
  return parent === null ? state : uncovered(folded(state, parent, false), parent);
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
    id: key, parent, submission, late: true, state: "pending", author: { name },
    depth: above ? Math.min(above.depth + 1, state.site?.depth ?? 0) : 0,
  });
  return replying(withLate(state, state.comments, [comment]), parent ?? key, false);
}

/**
 * Returns the state with a word on how a text's sending goes: why it did not go, or null while it goes again.
 * @param {State} state
 * @param {string} key
 * @param {string | null} trouble
 * @returns {State}
 */
export function troubled(state, key, trouble) {
  return patched(state, key, ({ submission }) => (
    { submission: { .../** @type {Submission} */ (submission), trouble } }));
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
  return patched(state, key, () => ({ ...comment, submission: undefined }));
}

/**
 * Returns the state with something changed in a comment; the page's count follows when it appears or disappears.
 * @param {State} state
 * @param {Id} id
 * @param {(comment: Comment) => Partial<Comment>} by
 * @returns {State}
 */
export function patched(state, id, by) {
  const before = state.comments.find((comment) => comment.id === id);
  if (!before) return state;
  const after = { ...before, ...by(before) };
  const { page } = state;
  const change = Number(after.state === "published") - Number(before.state === "published");
  return {
    ...state,
    comments: state.comments.map((comment) => (comment === before ? after : comment)),
    page: page && change ? { ...page, count: page.count + change } : page,
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
 * Returns how many replies stand below a comment: loaded ones, and all that there are.
 * @param {State} state
 * @param {Comment} comment
 */
export function repliesBelow({ comments }, comment) {
  const family = new Set([comment.id]);
  const loaded = comments.filter(({ id, parent, state }) => family.has(/** @type {Id} */ (parent)) && family.add(id)
    && state === "published");
  return { loaded: loaded.length, all: Math.max(comment.replies ?? 0, loaded.length) };
}

/**
 * Tells whether every comment is here that there was when the thread was loaded.
 * @param {State} state
 */
export function isWhole({ next, previous, comments }) {
  return !next && !previous && !comments.some(({ more, earlier }) => more || earlier);
}

/**
 * Returns the greatest id of the comments that the service has shown; what this reader has sent says nothing of what
 * others did before it.
 * @param {State} state
 */
export function newest({ comments }) {
  return Math.max(0, ...comments.map(({ id, late, fresh }) => (late && !fresh ? 0 : Number(id))));
}

/**
 * Returns the state with these comments, and with late ones behind their siblings. Newest first, those at the top stand
 * ahead of theirs; replies stand in the order in which they came under any sort.
 * @param {State} state
 * @param {Comment[]} comments
 * @param {Comment[]} late
 * @returns {State}
 */
function withLate(state, comments, late) {
  if (state.sort !== "newest") return { ...state, comments: inOrder([...comments, ...late]) };
  const [ahead, behind] = [true, false].map((top) => late.filter(({ parent }) => (parent === null) === top));
  return { ...state, comments: inOrder([...ahead, ...comments, ...behind]) };
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
 * @param {Id[]} ids
 * @param {Id} id
 * @param {boolean} within
 */
function toggled(ids, id, within) {
  const others = ids.filter((other) => other !== id);
  return within ? [...others, id] : others;
}
