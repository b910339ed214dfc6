/** What becomes of a text from the moment it is sent: on its way, kept while there is no network, taken, given back. */

import { newKey, readJson, write } from "./draft.js";
import { closed, replying, sending, sent, troubled, withdrawn } from "./state.js";

/** @typedef {import("./types.d.ts").Draft} Draft */
/** @typedef {import("./types.d.ts").Id} Id */
/** @typedef {import("./types.d.ts").Submission} Submission */
/** @typedef {import("./types.d.ts").Writer} Writer */

/**
 * For this long, in milliseconds, a text that was sent without an answer is sent again by itself when the page is opened
 * again. Later its writer may not want it any more; and the service knows the key for two days only.
 */
const SURE = 600_000;

/**
 * Returns what sends the texts of a conversation.
 * @param {import("./types.d.ts").Talk} talk
 * @param {() => string} title of the host page
 */
export function outbox(talk, title) {
  const { base, page, id, words, drafts } = talk;
  const authorName = `afterword:author:${base}`;
  /** how the reader signed last, before the service has confirmed it and the browser may remember */
  let last = /** @type {Writer | null} */ (null);
  return { send, retry, retryAll, edit, takeUp, draftFor, writer, renew };

  /** @returns {Writer} */
  function writer() {
    return last ?? { name: "", email: "", website: "", ...readJson(authorName) };
  }

  /** Begins anew with the form under the thread, when what this browser keeps has changed. */
  function renew() {
    last = null;
    talk.view.form(null)?.renew();
  }

  /**
   * Goes on with a text that was kept when the page was left. The focus stays where it is.
   * @param {Draft} draft
   */
  function takeUp(draft) {
    const { key, parent, author, aside, sent = 0 } = draft;
    if (submitted(key)) return;
    // It was on its way, and most likely arrived: asking again brings the answer that the reader did not wait for.
    if (author && Date.now() - sent < SURE) put(draft, author);
    else if (!aside && parent && talk.state.comments.some(({ id }) => id === parent)) {
      talk.become(replying(talk.state, parent, true));
    }
  }

  /**
   * @param {Draft} draft
   * @param {Writer} author
   */
  function send(draft, author) {
    put({ ...draft, author, sent: Date.now() }, author);
    talk.view.show(draft.key);
  }

  /**
   * @param {Draft} draft
   * @param {Writer} author
   */
  function put(draft, author) {
    last = author;
    drafts.save(draft);
    talk.become(sending(talk.state, { draft, author, trouble: null }));
    if (draft.parent === null) talk.view.form(null)?.renew();
    deliver({ draft, author });
  }

  /** Sends again what the network kept back. */
  function retryAll() {
    for (const { submission } of talk.state.comments) if (submission?.trouble) retry(submission.draft.key);
  }

  /** @param {string} key */
  function retry(key) {
    const submission = submitted(key);
    if (!submission) return;
    talk.become(troubled(talk.state, key, null));
    deliver(submission);
  }

  /** @param {Pick<Submission, "draft" | "author">} submission */
  async function deliver({ draft, author }) {
    const { key, parent, body } = draft;
    if (talk.state.site?.form) await talk.later("prepare");
    const answer = await talk.ask("POST", "comments", { page, id, title: title(), parent, body, author }, key);
    const { comment, reader_key, status } = answer;
    if (comment) {
      if (reader_key) talk.readerKey(reader_key);
      write(authorName, JSON.stringify(author));
      drafts.remove(key);
      // If the focus is where it was put when the text was sent, it goes along; else the reader has gone on.
      const focused = talk.holdsFocus(key);
      talk.become(sent(talk.state, key, comment));
      if (focused) talk.view.show(comment.id);
      talk.say(comment.state === "published" ? "sent" : "held");
      talk.emit("posted", { comment });
      talk.later("posted", comment, body);
    } else if (status >= 400 && status < 500) {
      refused(draft, answer);
    } else {
      const why = status ? "busy" : "unsent";
      talk.become(troubled(talk.state, key, words.t(why)));
      talk.say(why);
    }
  }

  /**
   * Gives a refused text back to its writer, with the reason.
   * @param {Draft} draft
   * @param {import("./api.js").Answer<{}>} problem
   */
  function refused(draft, problem) {
    if (problem.type?.endsWith("/page-closed")) {
      talk.become(closed(withdrawn(talk.state, draft.key), problem));
      return talk.say("closed");
    }
    // The service has judged what came under this key; a changed text under the same key would contradict it.
    const fresh = { ...draft, key: newKey() };
    drafts.remove(draft.key);
    const { errors } = problem;
    // The answer to an earlier try was lost, and the text was changed since.
    const trouble = errors?.["Idempotency-Key"] ? words.t("changed") : talk.reason(problem);
    const focused = talk.holdsFocus(draft.key);
    talk.become(withdrawn(talk.state, draft.key));
    takeBack(fresh)?.fail(trouble, errors, focused);
    talk.view.say(trouble);
  }

  /** @param {string} key */
  function edit(key) {
    const draft = submitted(key)?.draft;
    if (draft) takeBack(draft)?.focus();
  }

  /**
   * Takes a text out of the thread and puts it into its form again.
   * @param {Draft} draft
   */
  function takeBack({ key, parent, body }) {
    // Without who signed it and when: it is not on its way any more.
    drafts.save({ key, parent, body });
    talk.become(withdrawn(talk.state, key));
    if (parent !== null) talk.become(replying(talk.state, parent, true));
    const form = talk.view.form(parent);
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
    return talk.state.comments.find(({ id }) => id === key)?.submission;
  }
}
