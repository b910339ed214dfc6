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
  /** for how long a comment can be changed by its author */
  edit_minutes: number;
  votes: "both" | "up" | "off";
  /** whether a form must be asked for before a comment is sent */
  form?: boolean;
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
  score: number;
  replies: number;
  /** the cursor for replies that this answer left out */
  more?: string | null;
  /** the cursor for replies left out ahead of those that are here, which begin with the comment that it `meets` */
  earlier?: string | null;
  meets?: Id;
  /** one of those that are here already */
  far?: boolean;
  /** came after the thread was loaded, so it may stand before comments that were not loaded yet */
  late?: boolean;
  /** came from another reader while this one was reading */
  fresh?: boolean;
  /** only while the service has not answered; the comment's id is then the idempotency key */
  submission?: Submission;
  /** of this reader's comments only */
  mine?: Own;
  /** how this reader has voted on it: 1, -1, or 0 or nothing */
  vote?: number;
  /** until when this reader, who deleted it, can have it back */
  recall?: string | null;
  /** why something that was asked for this comment was not done, in words */
  trouble?: string | null;
}

/** What only the author of a comment is told. */
export interface Own {
  /** as it was typed */
  body: string;
  /** until when it can be changed */
  until: string;
}

/** A place in a thread as an address names it: a comment by its id or by its number. */
export type Link = Record<string, string>;

/** A part of a thread that was left out: below a comment or at the top, ahead of what is there or behind it. */
export interface Part {
  parent: Id | null;
  cursor: string;
  back?: boolean;
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
  previous?: string | null;
}

export type Sort = "oldest" | "newest" | "best";

export interface State {
  phase: "loading" | "ready" | "failed" | "unknown";
  page: Page | null;
  site: Site | null;
  /** flat, in display order: a reply follows its parent */
  comments: Comment[];
  /** the cursors of further top-level comments, and of those before */
  next: string | null;
  previous: string | null;
  sort: Sort;
  /** the comments under which a reply form stands open */
  replying: Id[];
  /** the comments whose replies are folded away */
  folded: Id[];
  /** how many new comments there are to be shown */
  waiting: number;
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
  /** the language of the strings; empty until they are there */
  lang: string;
  /** their direction, where it is not the page's */
  dir: string | null;
  t: Translate;
  /** a date as it is shown, and in full */
  brief(iso: string): string;
  full(iso: string): string;
  /** a span of seconds in words */
  span(seconds: number): string;
  /** fetches the strings from the service, unless they are there */
  load(base: string): Promise<void>;
  /** adds to the English strings those of `more.js` */
  add(strings: Strings): void;
}

/** What the parts of a view may ask of the conversation. */
export interface Actions {
  load(): void;
  /** resolves to whether it went well */
  more(part: Part): Promise<boolean>;
  sort(sort: Sort): void;
  fold(id: Id): void;
  /** shows the new comments that were announced */
  refresh(): void;
  reply(id: Id): void;
  cancel(parent: Id): void;
  write(draft: Draft): void;
  send(draft: Draft, author: Writer): void;
  retry(key: string): void;
  edit(key: string): void;
  discard(key: string): void;
  /** does what `more.js` is for, which is loaded first; resolves to whether it could be */
  later<Verb extends keyof Later>(verb: Verb, ...values: Parameters<Later[Verb]>): Promise<boolean>;
}

/** What `more.js` can do, the part of the widget that is loaded for those who take part. */
export interface Later {
  /** finds out what of the thread is the reader's own; with a mark, shows an operator's links */
  own(mark: string | null): void;
  /** the reader's comment has been taken */
  posted(comment: Comment, body: string): void;
  /** marks in a state what is the reader's own */
  mark(state: State): State;
  /** what else the reader can do with a comment */
  extras(comment: Comment): HTMLElement[];
  vote(id: Id, value: 1 | -1): void;
  /** asks for what must go with a comment, unless it is there */
  prepare(): void;
  report(id: Id): void;
  /** shows new comments: these, or the last ones of a thread of which only a part is here */
  refresh(coming: Comment[]): void;
  /** puts the writing tools below a textarea, in the place of what stands in the row */
  tools(textarea: HTMLTextAreaElement, row: HTMLElement): void;
  /** puts the texts that can no longer be sent into the notice that the page is closed */
  kept(notice: HTMLElement): void;
  /** shows all comments of the reader */
  mine(): void;
}

/** What every part of a view is handed. */
export interface Context extends Words {
  act: Actions;
  /** the text to go on with under a comment, or under the thread */
  draftFor(parent: Id | null): Draft;
  /** how many texts are kept that were not sent */
  unsent(): number;
  writer(): Writer;
  /** whether this browser holds a reader key */
  known(): boolean;
  /** what else can be done with a comment; nothing until `more.js` is there */
  extras(comment: Comment): HTMLElement[];
  /** what stands open beneath comments, or in their place, and below the thread (null) */
  panels: Map<Id | null, Panel>;
  /** the address of the host page up to its fragment; whole, so that a permalink survives a `<base>` */
  here: string;
}

/** Something that `more.js` has opened: beneath a comment, or instead of its text. */
export interface Panel {
  node: HTMLElement;
  instead?: boolean;
}

/** A conversation as its parts see it. */
export interface Talk {
  readonly base: string;
  readonly page: string;
  readonly id: string | null;
  readonly root: ShadowRoot;
  readonly signal: AbortSignal;
  readonly words: Words;
  readonly drafts: import("./draft.js").Drafts;
  readonly state: State;
  readonly view: View;
  become(next: State): void;
  /** loads the thread anew, from its start when there is no link to be followed */
  load(link?: Link | null): void;
  say(key: keyof Strings, values?: Record<string, string | number>): void;
  /** asks the service as the reader that this browser is known to be */
  ask(method: string, path: string, body?: object, key?: string): Promise<import("./api.js").Answer<any>>;
  /** why an answer is none, in words */
  reason(problem: import("./api.js").Answer<{}>): string;
  /** the reader key, or null; with a text, keeps that one */
  readerKey(made?: string): string | null;
  /** keeps a text under a name; null forgets it */
  keep(name: string, text: string | null): void;
  /** begins anew with the form under the thread, when what is kept has changed */
  renew(): void;
  /** opens something, or shuts it */
  panel(id: Id | null, panel: Panel | null): void;
  holdsFocus(id: Id): boolean;
  emit(event: string, detail: object): void;
  later: Actions["later"];
}

/** A form as its thread sees it. */
export interface Form {
  node: HTMLElement;
  focus(): void;
  /** takes up a text that comes back, in front of what has been typed since */
  take(draft: Draft): void;
  /** takes up the text that is kept for this place, if there is one, and the reader's name; else stands empty */
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
  /** marks and shows the comment that the page's address points at, and no other; tells whether it is there */
  link(link: Link | null): boolean;
  /** moves the focus to the control of a comment that a selector finds */
  focus(id: Id, selector: string): void;
}
