/** New comments, put where they belong when the reader asks for them. */

import { getThread } from "./api.js";
import { arrived, isWhole, newest, uncovered } from "./state.js";

/** @typedef {import("./types.d.ts").Comment} Comment */

/** They come at most so many at a time, and are asked for at most so many times. */
const BATCH = 50;
const BATCHES = 20;

/**
 * Shows the new comments.
 * @param {import("./types.d.ts").Talk} talk
 * @param {Comment[]} coming those that are known already
 * @param {number} count how many comments the page has with them
 */
export async function refresh(talk, coming, count) {
  const found = isWhole(talk.state) ? coming : await collected(talk);
  talk.become(arrived(talk.state, found, count));
  const ids = new Set(found.map(({ id }) => id));
  const first = talk.state.comments.find(({ id }) => ids.has(id));
  if (!first) return;
  talk.become(uncovered(talk.state, first.id));
  talk.view.show(first.id);
  talk.say("shown", { count: found.length });
}

/**
 * Returns the newest comments of a thread of which only a part is here.
 * @param {import("./types.d.ts").Talk} talk
 */
async function collected({ base, page, id, state, signal }) {
  const found = /** @type {Comment[]} */ ([]);
  for (let since = newest(state), turn = 0; turn < BATCHES; turn += 1) {
    const { comments = [] } = await getThread(base, { page, id, since }, signal);
    found.push(...comments);
    if (comments.length < BATCH) break;
    since = Number(comments[BATCH - 1].id);
  }
  return found.slice(-state.waiting);
}
