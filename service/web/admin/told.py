"""What the log tells, in words: what was done, and what it changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: what was done, by its name in the log; a kind alone, before the dot, stands for all of its acts
VERBS: dict[str, str] = {
    "comment": "Comments: everything",
    "comment.approve": "Comment published",
    "comment.hold": "Comment held",
    "comment.spam": "Comment marked as spam",
    "comment.delete": "Comment deleted",
    "comment.undo": "Decision undone",
    "comment.edit": "Comment changed",
    "comment.answer": "Comment answered",
    "comment.erase": "Comment erased",
    "page": "Pages: everything",
    "page.close": "Page closed",
    "page.open": "Page opened",
    "page.hand-back": "Page handed back to the rules",
    "site": "Sites: everything",
    "site.add": "Site added",
    "site.set": "Site’s settings changed",
    "site.rules": "Site’s rules changed",
    "site.closing": "Rules that close pages changed",
    "site.freeze": "Site frozen",
    "site.thaw": "Freeze ended",
    "site.remove": "Site removed",
    "ban": "Bans: everything",
    "ban.add": "Ban added",
    "ban.remove": "Ban removed",
    "spam": "Spam filter: everything",
    "spam.load": "Spam filter: file read in",
    "spam.replace": "Spam filter: replaced by a file",
    "spam.reset": "Spam filter: reset",
    "operator": "Operators: everything",
    "operator.add": "Operator added",
    "operator.access": "Role or sites changed",
    "operator.invite": "Link to set a password made",
    "operator.password": "Password set",
    "operator.signin": "Signed in",
    "operator.totp": "Second factor turned on or off",
    "operator.codes": "Recovery codes made",
    "operator.remove": "Operator removed",
    "session": "Sessions: everything",
    "session.end": "Signed out",
    "token": "API tokens: everything",
    "token.add": "Token made",
    "token.remove": "Token removed",
}
#: from this many letters on, what was changed is shown when it is asked for
LONG = 160


def changes(verb: str, details: Mapping[str, Any]) -> list[str]:
    """Return what an act changed, a line each: "links: 5 → 3" where both are known, "role: owner" where one is."""
    rest = dict(details)
    before, after = rest.pop("before", None), rest.pop("after", None)
    lines = []
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        lines = [_changed(name, before.get(name), after.get(name)) for name in names]
    for name, value in rest.items():
        if verb == "site.set" and isinstance(value, list) and len(value) == 2:
            lines.append(_changed(name, *value))
        elif name == "sites":
            lines.append(f"sites: {'all' if value is None else _said(value)}")
        elif value not in (None, "", [], {}):
            lines.append(f"{_name(name)}: {_said(value)}")
    return lines


def _changed(name: str, before: Any, after: Any) -> str:
    return f"{_name(name)}: {_said(before)} → {_said(after)}"


def _name(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{_name(str(name))} {_said(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value) or "none"
    return "none" if value is None or value == "" else str(value)
