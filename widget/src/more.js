/**
 * The part of the widget for those who take part: tools for writing, own comments, votes, reports. It is loaded when
 * somebody begins to, and is built apart: what both parts use is in both, and neither knows the other's modules.
 */

import english from "../locales/en.json" with { type: "json" };
import sheet from "./more.css" with { type: "css" };

import { guard } from "./guard.js";
import { keptTexts } from "./kept.js";
import { mine } from "./mine.js";
import { operator } from "./operator.js";
import { own } from "./own.js";
import { refresh } from "./refresh.js";
import { reportPanel } from "./report.js";
import { tools } from "./tools.js";

/**
 * Joins a conversation, and returns what it can do from then on.
 * @param {import("./types.d.ts").Talk} talk
 * @returns {import("./types.d.ts").Later}
 */
export function join(talk) {
  talk.words.add(english);
  // An element whose page has changed has had it from its conversation before.
  talk.root.adoptedStyleSheets = [...new Set([...talk.root.adoptedStyleSheets, sheet])];
  const { prepare, lay } = guard(talk);
  const { know, posted, mark, extras, vote, forget } = own(talk);
  let moderate = /** @type {ReturnType<typeof operator>} */ (null);
  return {
    own(mark) {
      if (talk.readerKey()) know();
      moderate ??= operator(talk, mark);
      // What was there before the links were is made anew, for them to stand in it.
      if (moderate) talk.become({ ...talk.state, comments: talk.state.comments.map((comment) => ({ ...comment })) });
    },
    extras: (comment) => [...extras(comment), ...moderate?.(comment) ?? []],
    posted, mark, vote, prepare,
    refresh: (coming) => refresh(talk, coming),
    report: (id) => reportPanel(talk, id),
    tools(textarea, row) {
      tools(talk, textarea, row);
      lay(row);
    },
    kept: (notice) => keptTexts(talk, notice),
    mine: () => mine(talk, forget),
  };
}
