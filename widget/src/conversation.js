/** What happens in a thread: between its view, its state, what this browser keeps, and the service. */

import { getThread, sendComment } from "./api.js";
import { Drafts, newKey, read, readJson, write } from "./draft.js";
import { wordsFor } from "./i18n.js";
import { closed, loaded, more, replying, sending, sent, START, troubled, withdrawn } from "./state.js";
import { threadView } from "./thread.js";
import { span } from "./time.js";

/** @typedef {import("./types.d.ts").Draft} Draft */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Submission} Submission */
/** @typedef {import("./types.d.ts").Thread} Thread */
/** @typedef {import("./types.d.ts").Words} Words */
/** @typedef {import("./types.d.ts").Writer} Writer */

/**
 * For this long, in milliseconds, a text that was sent without an answer is sent again by itself when the page is opened
 * again. Later its writer may not want it any more; and the service knows the key for two days only.
 */
const SURE = 600_000;

/**
 * @typedef {object} Subject
 * @property {string} base the service's address
 * @property {string} page
 * @property {string | null} id the owner's own id for the page
 * @property {() => string} title
 * @property {() => string | null} linked which comment the page's address points at
 */

/**
 * Begins a thread's life in a shadow root. Nothing is asked of the service before `start`.
 * @param {ShadowRoot} root
 * @param {Subject} subject
 * @param {string[]} languages wanted for its words, the most wanted first
 */
export function converse(root, { base, page, id, title, linked }, languages) {
  const authorName = `afterword:author:${base}`;
  const readerName = `afterword:reader:${base}`;
  const drafts = new Drafts(`afterword:draft:${base}:${id ?? page}`);
  let state = START;
  let stopping = new AbortController();
  /** what the thread was last asked for under */
  let asked = /** @type {AbortController | null} */ (null);
  /** how the reader signed last, before the service has confirmed it and the browser may remember */
  let writer = /** @type {Writer | null} */ (null);
  const words = wordsFor(languages);

  /** @type {import("./types.d.ts").Actions} */
  const act = {
    load, more: showMore, send, retry,
    write: (draft) => drafts.save(draft),
    discard: (key) => drafts.remove(key),
    reply({ id }) {
      become(replying(state, id, true));
      view.form(id)?.focus();
    },
    cancel(parent) {
      const kept = drafts.list().find((draft) => draft.parent === parent);
      if (kept) drafts.save({ ...kept, aside: true });
      become(replying(state, parent, false));
      view.focusReply(parent);
    },
    edit(key) {
      const draft = submitted(key)?.draft;
      if (draft) takeBack(draft)?.focus();
    },
  };

  const view = threadView({
    ...words, act, draftFor,
    drafts: () => drafts.list(),
    writer: () => writer ?? { name: "", email: "", website: "", ...readJson(authorName) },
    here: `${location.href.split("#")[0]}#comment-`,
  });
  root.replaceChildren(view.node);
  view.update(state);
  return { start, stop, online: retryAll, pagehide: () => drafts.flush(), hashchange: () => view.link(linked()) };

  /** Loads what is not loaded yet, and goes on after a stop. */
  function start() {
    if (stopping.signal.aborted) {
      stopping = new AbortController();
      retryAll();
    }
    if (state.phase === "loading" && asked !== stopping) load();
  }

  /** Ends every request. What was on its way is kept, and can be sent again without standing there twice. */
  function stop() {
    stopping.abort();
    drafts.flush();
  }

  async function load() {
    const { signal } = stopping;
    asked = stopping;
    become(START);
    const thread = await getThread(base, { page, id }, signal);
    const { comments, type } = thread;
    if (signal.aborted) return;
    if (!comments) return become({ ...START, phase: type?.endsWith("/unknown-site") ? "unknown" : "failed" });
    become(loaded(/** @type {Thread} */ (thread)));
    if (!state.page?.closed) drafts.list().forEach(takeUp);
    view.link(linked());
  }

  /**
   * @param {Id | null} parent
   * @param {string} after
   */
  async function showMore(parent, after) {
    const { signal } = stopping;
    const { comments, next } = await getThread(base, { page, id, after, parent }, signal);
    if (signal.aborted) return true;
    if (comments) {
      become(more(state, parent, comments, next ?? null));
      if (comments.length) view.show(comments[0].id);
      say("shown", { count: comments.length });
    } else {
      say("failed");
    }
    return !!comments;
  }

  /**
   * Goes on with a text that was kept when the page was left. The focus stays where it is.
   * @param {Draft} draft
   */
  function takeUp(draft) {
    const { parent, author, aside, sent = 0 } = draft;
    // It was on its way, and most likely arrived: asking again brings the answer that the reader did not wait for.
    if (author && Date.now() - sent < SURE) put(draft, author);
    else if (!aside && parent && state.comments.some(({ id }) => id === parent)) become(replying(state, parent, true));
  }

  /**
   * @param {Draft} draft
   * @param {Writer} author
   */
  function send(draft, author) {
    put({ ...draft, author, sent: Date.now() }, author);
    view.show(draft.key);
  }

  /**
   * @param {Draft} draft
   * @param {Writer} author
   */
  function put(draft, author) {
    writer = author;
    drafts.save(draft);
    become(sending(state, { draft, author, trouble: null }));
    if (draft.parent === null) view.form(null)?.renew();
    deliver({ draft, author });
  }

  /** Sends again what the network kept back. */
  function retryAll() {
    for (const { submission } of state.comments) if (submission?.trouble) retry(submission.draft.key);
  }

  /** @param {string} key */
  function retry(key) {
    const submission = submitted(key);
    if (!submission) return;
    keepingFocus(key, key, () => become(troubled(state, key, null)));
    deliver(submission);
  }

  /** @param {Pick<Submission, "draft" | "author">} submission */
  async function deliver({ draft, author }) {
    const { key, parent, body } = draft;
    const answer = await sendComment(
      base, { page, id, title: title(), parent, body, author }, key, read(readerName), stopping.signal);
    const { comment, reader_key, status } = answer;
    if (comment) {
      if (reader_key) write(readerName, reader_key);
      write(authorName, JSON.stringify(author));
      drafts.remove(key);
      keepingFocus(key, comment.id, () => become(sent(state, key, comment)));
      say(comment.state === "published" ? "sent" : "held");
    } else if (status >= 400 && status < 500) {
      refused(draft, answer);
    } else {
      const why = status ? "busy" : "unsent";
      keepingFocus(key, key, () => become(troubled(state, key, words.t(why))));
      say(why);
    }
  }

  /**
   * Gives a refused text back to its writer, with the reason.
   * @param {Draft} draft
   * @param {import("./api.js").Answer<{}>} problem
   */
  function refused(draft, problem) {
    if (problem.type?.endsWith("/page-closed")) {
      become(closed(withdrawn(state, draft.key), problem));
      return say("closed");
    }
    // The service has judged what came under this key; a changed text under the same key would contradict it.
    const fresh = { ...draft, key: newKey() };
    drafts.remove(draft.key);
    const { wait, detail, errors } = problem;
    const trouble = wait ? words.t("wait", { wait: span(wait, words.lang) })
      // The answer to an earlier try was lost, and the text was changed since.
      : errors?.["Idempotency-Key"] ? words.t("changed")
        : detail || words.t("refused");
    const focused = holdsFocus(draft.key);
    become(withdrawn(state, draft.key));
    takeBack(fresh)?.fail(trouble, errors, focused);
    view.say(trouble);
  }

  /**
   * Takes a text out of the thread and puts it into its form again.
   * @param {Draft} draft
   */
  function takeBack({ key, parent, body }) {
    // Without who signed it and when: it is not on its way any more.
    drafts.save({ key, parent, body });
    become(withdrawn(state, key));
    if (parent !== null) become(replying(state, parent, true));
    const form = view.form(parent);
    form?.take({ key, parent, body });
    return form;
  }

  /**
   * Returns the text to go on with in a form: the first kept one that is not on its way already.
   * @param {Id | null} parent
   * @returns {Draft}
   */
  function draftFor(parent) {
    return drafts.list().find((draft) => draft.parent === parent && !submitted(draft.key))
      ?? { key: newKey(), parent, body: "" };
  }

  /** @param {string} key */
  function submitted(key) {
    return state.comments.find(({ id }) => id === key)?.submission;
  }

  /** @param {State} next */
  function become(next) {
    state = next;
    view.update(state);
  }

  /**
   * Moves the focus along with a comment that is made anew, if it is where it was put when the text was sent: else the
   * reader has gone on, and is left alone.
   * @param {Id} before
   * @param {Id} after
   * @param {() => void} change
   */
  function keepingFocus(before, after, change) {
    const focused = holdsFocus(before);
    change();
    if (focused) view.show(after);
  }

  /** @param {Id} id */
  function holdsFocus(id) {
    return !!root.activeElement?.closest(`#comment-${id}`);
  }

  /**
   * @param {Parameters<Words["t"]>[0]} key
   * @param {Record<string, string | number>} [values]
   */
  function say(key, values) {
    view.say(words.t(key, values));
  }
}
