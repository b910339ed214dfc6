/** The data model on one page: what the service answers, what the widget adds, and what its parts hand each other. */

import type strings from "../locales/en.json";

export type Id = number | string;

export interface Author {
  name: string;
  website: string | null;
  operator: boolean;
}

export interface Page {
  url: string;
  title: string;
  closed: boolean;
  reason?: string | null;
  reopens?: string | null;
  count: number;
  version: number;
}

export interface Site {
  name: string;
  names: "required" | "optional";
  /** the deepest indentation; 0 for a flat thread */
  depth: number;
  /** the longest body, in characters */
  body: number;
}

export interface Comment {
  id: Id;
  parent: Id | null;
  depth: number;
  /** of top-level comments only */
  number: number | null;
  /** null where the comment only holds the place of a removed one */
  author: Author | null;
  html: string;
  created: string;
  edited: string | null;
  state: "published" | "pending" | "deleted";
  replies: number;
  /** the cursor for replies that this answer left out */
  more?: string | null;
  /** sent from this view, so it may stand before comments that were not loaded yet */
  own?: boolean;
  /** only while the service has not answered; the comment's id is then the idempotency key */
  submission?: Submission;
}

/** What a reader sends; kept whole until the service has confirmed it. */
export interface Submission {
  draft: Draft;
  author: Writer;
  /** null while sending, else why it was not sent, in words */
  trouble: string | null;
}

export interface Draft {
  /** the idempotency key */
  key: string;
  parent: Id | null;
  body: string;
  /** put aside by Escape or Cancel: not reopened by itself after a reload */
  aside?: boolean;
  /** once it is on its way: who signed it, and when it went, in milliseconds since 1970 */
  author?: Writer;
  sent?: number;
}

/** How a reader signs. */
export interface Writer {
  name: string;
  email: string;
  website: string;
}

export interface Thread {
  page: Page;
  site: Site;
  comments: Comment[];
  next: string | null;
}

export interface State {
  phase: "loading" | "ready" | "failed" | "unknown";
  page: Page | null;
  site: Site | null;
  /** flat, in display order: a reply follows its parent */
  comments: Comment[];
  /** the cursor of further top-level comments */
  next: string | null;
  /** the comments under which a reply form stands open */
  replying: Id[];
}

/** Why the service did not do what was asked. */
export interface Problem {
  /** its last part tells the kind, like "page-closed" */
  type?: string;
  detail?: string;
  errors?: Faults;
  reason?: string | null;
  reopens?: string | null;
}

/** The faults of a refused request, nested like the request itself. */
export type Faults = { [field: string]: string[] | string | Faults };

export type Strings = typeof strings;
export type Translate = (key: keyof Strings, values?: Record<string, string | number>) => string;

export interface Words {
  /** the language of the strings */
  lang: string;
  t: Translate;
}

/** What the parts of a view may ask of the element. */
export interface Actions {
  load(): void;
  /** resolves to whether it went well */
  more(parent: Id | null, cursor: string): Promise<boolean>;
  reply(comment: Comment): void;
  cancel(parent: Id): void;
  write(draft: Draft): void;
  send(draft: Draft, author: Writer): void;
  retry(key: string): void;
  edit(key: string): void;
  discard(key: string): void;
}

/** What every part of a view is handed. */
export interface Context extends Words {
  act: Actions;
  /** the text to go on with under a comment, or under the thread */
  draftFor(parent: Id | null): Draft;
  /** every kept text, for a page that has closed */
  drafts(): Draft[];
  writer(): Writer;
  /** the address of the host page up to a comment's id; whole, so that a permalink survives a `<base>` */
  here: string;
}

/** A form as its thread sees it. */
export interface Form {
  node: HTMLElement;
  focus(): void;
  /** takes up a text that comes back, in front of what has been typed since */
  take(draft: Draft): void;
  /** takes up the text that is kept for this place, if there is one; else stands empty */
  renew(): void;
  /** says why a text came back, at the fields that the service named */
  fail(trouble: string, faults?: Faults, focus?: boolean): void;
}

/** A thread as its conversation sees it. */
export interface View {
  node: HTMLElement;
  update(state: State): void;
  /** the form under a comment, or the one under the thread */
  form(parent: Id | null): Form | null | undefined;
  /** says something to those who cannot see it happen */
  say(text: string): void;
  /** moves the focus to a comment and brings it into view */
  show(id: Id): void;
  /** marks and shows the comment that the page's address points at, and no other */
  link(id: string | null): void;
  focusReply(id: Id): void;
}
