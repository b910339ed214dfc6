/** New comments, put where they belong when the reader asks for them. */

import { getThread } from "./api.js";
import { arrived, isWhole, uncovered } from "./state.js";

/** @typedef {import("./types.d.ts").Comment} Comment */

/**
 * Shows the new comments.
 * @param {import("./types.d.ts").Talk} talk
 * @param {Comment[]} coming those that are known already
 */
export async function refresh(talk, coming) {
  const found = isWhole(talk.state) && coming.length === talk.state.waiting ? coming : await latest(talk);
  if (!found) return talk.say("failed");
  const known = new Set(talk.state.comments.map(({ id }) => id));
  // Among the last ones there may be the reader's own, which nobody waits for.
  const fresh = found.filter(({ id }) => !known.has(id)).slice(-talk.state.waiting);
  talk.become(arrived(talk.state, fresh));
  const ids = new Set(fresh.map(({ id }) => id));
  const first = talk.state.comments.find(({ id }) => ids.has(id));
  if (!first) return;
  talk.become(uncovered(talk.state, first.id));
  talk.view.show(first.id);
  talk.say("shown", { count: fresh.length });
}

/**
 * Returns the last comments of a thread of which only a part is here, under an address that is everybody's.
 * @param {import("./types.d.ts").Talk} talk
 */
async function latest({ base, page, id, signal }) {
  const { comments } = await getThread(base, { page, id, sort: "newest", since: 0 }, signal);
  return comments;
}
