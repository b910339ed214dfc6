"""A thread's answer as the plain page shows it: nested, with a word on whom a reply answers; and for search engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.text import safe_url, to_text

Comment = dict[str, Any]
ANONYMOUS = "Anonymous"


@dataclass(frozen=True)
class Entry:
    """A comment in its place, and what stands below it.

    `answered` is the comment that it answers, where its place does not tell, and None again where that is not shown
    here: then `answers` alone tells its id. `left` is how many replies were cut; 0 where that is not known.
    """

    comment: Comment
    name: str
    website: str | None
    answers: int | None
    answered: str | None
    left: int
    entries: list[Entry] = field(default_factory=list)


def nest(comments: Sequence[Comment], parent: int | None = None) -> list[Entry]:
    """Return comments, flat and in display order, as lists in lists; `parent` is the one whose replies all of them are.

    A reply goes under the nearest comment before it that stands less deep: below the site's depth the numbers repeat,
    and replies follow each other.
    """
    by_id = {comment["id"]: comment for comment in comments}
    shown = Counter(_root(comment, by_id)["id"] for comment in comments if comment["parent"] and comment["author"])
    top: list[Entry] = []
    path: list[Entry] = []
    for comment in comments:
        while path and (comment["parent"] is None or path[-1].comment["depth"] >= comment["depth"]):
            path.pop()
        above = path[-1].comment["id"] if path else parent
        answers = None if comment["parent"] == above else comment["parent"]
        whole = "more" in comment and "earlier" not in comment
        entry = Entry(
            comment,
            name_of(comment),
            _website(comment),
            answers,
            name_of(by_id[answers]) if answers in by_id else None,
            max(0, comment["replies"] - shown[comment["id"]]) if whole else 0,
        )
        (path[-1].entries if path else top).append(entry)
        path.append(entry)
    return top


def name_of(comment: Comment) -> str:
    """Return the name that a comment is signed with."""
    return (comment["author"] or {}).get("name") or ANONYMOUS


def spoken(moment: str) -> str:
    """Return one of our times for people to read, in UTC: the service cannot know the reader's zone."""
    time = datetime.fromisoformat(moment)
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def data(page: dict[str, Any], comments: Sequence[Comment]) -> dict[str, Any]:
    """Return the thread for search engines, as schema.org's DiscussionForumPosting at the host page's address.

    What only holds a place is left out; its replies move up.
    """
    found: dict[str, Any] = {"@context": "https://schema.org", "@type": "DiscussionForumPosting", "url": page["url"]}
    found |= {"mainEntityOfPage": page["url"], "commentCount": page["count"], "comment": []}
    if page["title"]:
        found["headline"] = page["title"]
    by_id = {comment["id"]: comment for comment in comments}
    said: dict[int, dict[str, Any]] = {}
    for comment in comments:
        if not comment["author"]:
            continue
        above = by_id.get(comment["parent"])
        while above is not None and above["id"] not in said:
            above = by_id.get(above["parent"])
        said[comment["id"]] = made = _described(comment, page["url"])
        (said[above["id"]] if above else found).setdefault("comment", []).append(made)
    return found


def _described(comment: Comment, url: str) -> dict[str, Any]:
    author = {"@type": "Person", "name": name_of(comment)}
    if website := _website(comment):
        author["url"] = website
    made = {
        "@type": "Comment",
        "url": f"{url}#comment-{comment['id']}",
        "author": author,
        "datePublished": comment["created"],
        "text": to_text(comment["html"]),
    }
    return made | ({"dateModified": comment["edited"]} if comment["edited"] else {})


def _website(comment: Comment) -> str | None:
    # it was judged when it was written; an address in a link is judged where it becomes one, too
    return safe_url((comment["author"] or {}).get("website") or "")


def _root(comment: Comment, by_id: dict[int, Comment]) -> Comment:
    while comment["parent"] in by_id:
        comment = by_id[comment["parent"]]
    return comment
