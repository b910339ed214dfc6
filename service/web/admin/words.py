"""What operators read for the names that are stored: rules, states, decisions."""

from __future__ import annotations

#: what a rule found, behind "held because"; a name that is not here shows as it is
RULES: dict[str, str] = {
    "banned": "its author is banned without being told",
    "form-missing": "it came without the form of this site",
    "work-missing": "its browser has not done the work asked for",
    "trap-filled": "a field that people do not see was filled in",
    "too-quick": "it was sent sooner than anybody can write",
    "form-stale": "its form was out of date",
    "spam-words": "it has a word of the spam list",
    "spam-patterns": "a pattern of the spam list matches",
    "hold-words": "it has a word of the list to look at",
    "hold-patterns": "a pattern of the list to look at matches",
    "many-links": "it has more links than this site lets through",
    "repeated": "the same text was sent before",
    "looks-like-spam": "the spam filter takes it for spam",
    "unknown-author": "its author has too few published comments",
    "hold-all": "every comment of this site is looked at first",
    "reported": "readers have reported it",
}
#: what a comment is, by its state
STATES = {"published": "published", "pending": "held", "spam": "spam", "deleted": "deleted"}
#: what was done to comments, by the state that it gave them
DONE = {"published": "published", "pending": "held", "spam": "marked as spam", "deleted": "deleted"}
#: why comments were left as they are
LEFT = {
    "edited": "the text was changed since; look at it as it is now",
    "decided": "something else was decided since",
    "withdrawn": "deleted by the author",
    "erased": "the text is erased",
    "gone": "not there any more",
    "busy": "the database could not be written any more; try again",
}
#: what is asked for by the view, where there is nothing of it
EMPTY = {
    "pending": "Nothing is waiting for you.",
    "reported": "No reports are waiting for an answer.",
    "spam": "There is no spam.",
    "published": "No comment is published yet.",
    "deleted": "Nothing is deleted.",
    "all": "There are no comments yet.",
}
#: a decision's button: what it does, its name, its key, the state in which it has nothing to do
BUTTONS = (
    ("approve", "Publish", "a", "published"),
    ("hold", "Hold", "h", "pending"),
    ("spam", "Spam", "s", "spam"),
    ("delete", "Delete", "d", "deleted"),
)
KEYS = (
    ("j", "next comment"),
    ("k", "previous comment"),
    ("x", "select"),
    ("a", "publish"),
    ("h", "hold"),
    ("s", "spam"),
    ("d", "delete"),
    ("u", "undo"),
    ("e", "open or edit"),
    ("/", "search"),
    ("?", "these keys"),
)


def comments(number: int) -> str:
    """Return a number of comments in words."""
    return f"{number} comment" if number == 1 else f"{number} comments"
