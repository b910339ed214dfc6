/** What of a thread is the reader's own: comments, which can be changed for a while, and votes. */

import { button } from "./dom.js";
import { editPanel } from "./edit.js";
import { newReaderKey, ownPath } from "./reader.js";
import { closed, isWhole, patched } from "./state.js";

/** @typedef {import("./types.d.ts").Comment} Comment */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").Own} Own */
/** @typedef {import("./types.d.ts").State} State */

/** While the focus is on a button whose time is over, the button stays, and is looked at again after this pause. */
const GRACE = 5_000;

/** A look at the time is due after this pause at the latest: a timer for longer than 24 days would fire at once. */
const SOON = 3_600_000;

/**
 * Returns what a conversation can do with the reader's own.
 * @param {import("./types.d.ts").Talk} talk
 */
export function own(talk) {
  const { t } = talk.words;
  const mine = /** @type {Map<Id, Own>} */ (new Map());
  const held = /** @type {Map<Id, Comment>} */ (new Map());
  const votes = /** @type {Map<Id, number>} */ (new Map());
  /** the comments that have buttons which go after a time */
  const shown = /** @type {Set<Id>} */ (new Set());
  let timer = 0;
  return { know, posted, mark, extras, vote, forget };

  /** Asks which comments and votes are the reader's, and goes on with what was being changed. */
  async function know() {
    const { comments, votes: given } = await talk.ask("GET", ownPath(talk));
    if (!comments) return;
    for (const { comment, body, until } of comments.reverse()) {
      if (comment.state === "deleted") continue;
      mine.set(comment.id, { body, until });
      hold(comment);
    }
    for (const [id, value] of Object.entries(given)) votes.set(Number(id), value);
    talk.become(talk.state);
    for (const { key, aside } of talk.drafts.list()) {
      const id = [...mine.keys()].find((id) => key === draftKey(id));
      if (id && !aside && changeable(id)) edit(id, false);
    }
  }

  /**
   * Takes over a comment that was sent from here.
   * @param {Comment} comment
   * @param {string} body as it was typed
   */
  function posted(comment, body) {
    const minutes = talk.state.site?.edit_minutes ?? 0;
    mine.set(comment.id, { body, until: new Date(Date.parse(comment.created) + minutes * 60_000).toISOString() });
    hold(comment);
    talk.become(talk.state);
  }

  /**
   * Keeps a comment that perhaps only its author sees.
   * @param {Comment} comment
   */
  function hold(comment) {
    held.set(comment.id, { ...comment, late: true });
  }

  /**
   * Marks in a state what is the reader's own, and adds those comments that only their author sees.
   * @param {State} state
   * @returns {State}
   */
  function mark(state) {
    if (state.phase !== "ready") return state;
    for (const [id, { recall }] of held) if (recall && Date.parse(recall) <= Date.now()) held.delete(id);
    const here = new Map(state.comments.map((comment) => [comment.id, comment]));
    let all = state.comments;
    for (const [id, own] of held) {
      let top = /** @type {Comment | undefined} */ (own);
      while (top?.parent) top = here.get(top.parent);
      // A published one is its author's alone to see where it is missing from what is whole, or never got a number.
      const cut = top === own ? own.number && !isWhole(state) : top?.more || top?.earlier;
      if (!top || here.has(id) || cut && own.state === "published") continue;
      here.set(id, own);
      all = put(all, own, state.sort);
    }
    let wait = SOON;
    const comments = all.map((found) => {
      const comment = latest(found);
      const { id } = found;
      const own = mine.get(id);
      const vote = votes.get(id);
      // What a later answer of the service no longer shows, or shows as a gap, can be had back all the same.
      const recall = comment.recall ?? (comment.state === "deleted" && held.get(id)?.recall || null);
      const left = end({ ...comment, recall }) - Date.now();
      if (left > 0) shown.add(id);
      // Buttons whose time is over go, but never from under somebody's fingers.
      const over = left <= 0 && shown.has(id) && !talk.holdsFocus(id) && shown.delete(id);
      if (shown.has(id)) wait = Math.min(wait, left > 0 ? left : GRACE);
      const same = comment === found && comment.mine === own && comment.vote === vote && (comment.recall ?? null) === recall && !over;
      return same ? found : { ...comment, mine: own, vote, recall };
    });
    clearTimeout(timer);
    if (shown.size && !talk.signal.aborted) timer = setTimeout(() => talk.become(talk.state), wait);
    return comments.some((comment, at) => comment !== state.comments[at]) ? { ...state, comments } : state;
  }

  /**
   * Returns a comment as its author left it. What everybody is shown may come from a replica or a cache that is behind.
   * @param {Comment} comment
   * @returns {Comment}
   */
  function latest(comment) {
    const own = held.get(comment.id);
    if (!own || comment.state !== "published" || !own.recall && (own.edited ?? "") <= (comment.edited ?? "")) return comment;
    const { state, html, edited, author, recall } = own;
    return { ...comment, state, html, edited, author, recall };
  }

  /**
   * Puts a comment that is held behind the last one of the thread, ahead of the first one when the newest come first,
   * or behind the replies to the comment it answers.
   * @param {Comment[]} comments
   * @param {Comment} comment
   * @param {State["sort"]} sort
   */
  function put(comments, comment, sort) {
    const { parent } = comment;
    const last = comments.findLastIndex((one) => one.id === parent || one.parent === parent);
    return comments.toSpliced(parent ? last + 1 : sort === "newest" ? 0 : comments.length, 0, comment);
  }

  /**
   * Returns until when something can be done with a comment, in milliseconds since 1970; 0 when nothing can.
   * @param {Comment} comment
   */
  function end({ id, recall }) {
    return Date.parse(recall ?? mine.get(id)?.until ?? "") || 0;
  }

  /** @param {Id} id */
  function changeable(id) {
    return !talk.state.page?.closed && Date.parse(mine.get(id)?.until ?? "") > Date.now();
  }

  /**
   * Returns the buttons for what else the reader can do with a comment.
   * @param {Comment} comment
   */
  function extras(comment) {
    const { id, recall, author } = comment;
    if (recall) return end(comment) > Date.now() ? [button("quiet undo", t("undo"), () => restore(id))] : [];
    if (!author || !changeable(id)) return [];
    return [
      button("quiet change", t("change"), () => edit(id, true), { "aria-label": t("changeOwn") }),
      button("quiet delete", t("delete"), () => erase(id), { "aria-label": t("deleteOwn") }),
    ];
  }

  /**
   * Opens a comment's text for changes.
   * @param {Id} id
   * @param {boolean} focus
   */
  function edit(id, focus) {
    const key = draftKey(id);
    const kept = talk.drafts.list().find((draft) => draft.key === key);
    const panel = editPanel(talk, kept?.body ?? mine.get(id)?.body ?? "", {
      write: (body) => talk.drafts.save({ key, parent: key, body: body === mine.get(id)?.body ? "" : body }),
      cancel() {
        const text = talk.drafts.list().find((draft) => draft.key === key);
        if (text) talk.drafts.save({ ...text, aside: true });
        talk.panel(id, null);
        talk.view.focus(id, ".change");
      },
      async save(body) {
        const answer = await talk.ask("PATCH", `comments/${id}`, { body });
        // A page that has closed shows the text where its form was.
        if (shut(answer)) return talk.panel(id, null);
        if (!answer.comment) return panel.fail(talk.reason(answer), answer.errors);
        talk.drafts.remove(key);
        mine.set(id, { .../** @type {Own} */ (mine.get(id)), body });
        hold(answer.comment);
        change(id, answer.comment);
        talk.panel(id, null);
        talk.view.show(id);
        talk.say(answer.comment.state === "published" ? "saved" : "held");
      },
    });
    talk.panel(id, { node: panel.node, instead: true });
    if (focus) panel.focus();
  }

  /** @param {Id} id */
  async function erase(id) {
    const answer = await talk.ask("DELETE", `comments/${id}`);
    if (!answer.until) return fail(id, answer);
    change(id, { state: "deleted", author: null, html: "", recall: answer.until, trouble: null });
    const gone = talk.state.comments.find((comment) => comment.id === id);
    if (gone) hold(gone);
    talk.view.focus(id, ".undo");
    talk.say("deletedOwn");
  }

  /** @param {Id} id */
  async function restore(id) {
    const answer = await talk.ask("POST", `comments/${id}/restore`);
    if (!answer.comment) return fail(id, answer);
    hold(answer.comment);
    change(id, { ...answer.comment, recall: null, trouble: null });
    talk.view.show(id);
    talk.say("restored");
  }

  /**
   * Votes, or takes the vote back. It shows at once, and goes again when the service does not take it.
   * @param {Id} id
   * @param {1 | -1} value
   */
  async function vote(id, value) {
    const before = votes.get(id) ?? 0;
    const after = before === value ? 0 : value;
    if (!talk.readerKey()) talk.readerKey(newReaderKey());
    count(id, after, after - before);
    const answer = await talk.ask("PUT", `comments/${id}/vote`, { value: after });
    // A later click has its own answer.
    if (votes.get(id) !== after) return;
    if (answer.comment) {
      change(id, { score: answer.comment.score });
      talk.say("voted");
    } else {
      count(id, before, before - after);
      fail(id, answer);
    }
  }

  /**
   * @param {Id} id
   * @param {number} value
   * @param {number} by
   */
  function count(id, value, by) {
    votes.set(id, value);
    talk.become(patched(talk.state, id, ({ score }) => ({ score: score + by, trouble: null })));
  }

  /** Forgets what was the reader's. */
  function forget() {
    const gone = [...held.values()].filter(({ state }) => state !== "published").map(({ id }) => id);
    for (const known of [mine, held, votes]) known.clear();
    talk.become({ ...talk.state, comments: talk.state.comments.filter(({ id }) => !gone.includes(id)) });
  }

  /**
   * @param {Id} id
   * @param {Partial<Comment>} fields
   */
  function change(id, fields) {
    talk.become(patched(talk.state, id, () => fields));
  }

  /**
   * @param {Id} id
   * @param {import("./api.js").Answer<{}>} problem
   */
  function fail(id, problem) {
    if (shut(problem)) return;
    const trouble = talk.reason(problem);
    change(id, { trouble });
    talk.view.say(trouble);
  }

  /**
   * Shows a page as closed that turned out to be; tells whether it did.
   * @param {import("./api.js").Answer<{}>} problem
   */
  function shut(problem) {
    if (!problem.type?.endsWith("/page-closed")) return false;
    talk.become(closed(talk.state, problem));
    talk.say("closed");
    return true;
  }
}

/**
 * Returns the name under which a changed text is kept; the form for no comment takes it up.
 * @param {Id} id
 */
function draftKey(id) {
  return `edit-${id}`;
}
