"""Who may do what on the operators' pages: every route of the URL map for everybody who may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service import database, pages
from service.people.audit import COMMAND_LINE
from service.policy import settings
from service.policy.presets import RULES
from tests.api.desk import PASSWORD, text
from tests.api.office import HOST, PRINCIPALS, SECRETS, SITE, Office, open_office
from tests.conftest import NOW
from tests.restored import contents

#: what is answered to each of PRINCIPALS, in that order
SEES = (303, 303, 200, 200, 200, 200)
SEES_ONE = (303, 303, 404, 200, 200, 200)
SEES_OF_ALL = (303, 303, 403, 403, 403, 200)
OWN = (401, 401, 303, 303, 303, 303)
SHOWN = (401, 401, 200, 200, 200, 200)
ACTS = (401, 401, 404, 303, 303, 303)
SETS = (401, 401, 403, 403, 403, 303)
INVITES = (401, 401, 403, 403, 403, 200)
GONE = (410,) * 6

NEW = "another clock, and a better one"

COMMENT, PAGES = "/comments/<int:comment_id>", "/pages/<int:page_id>"
CLOSING = {"after_comments": "1", "reason": ""}
TOLD = repr(pages.load_closing({"after_comments": 1, "reason": ""}).values())
FILTER = '{"format": "afterword spam filter", "version": 1, "words": 0}'
_preset = settings.preset("balanced")
RULES_FORM = {each: getattr(_preset, each) for each in settings.NAMES if each not in ("off", *settings.GATHERED)}
RULES_FORM |= {"trap": "yes", "repeats": "yes", "on": list(RULES), "act": "save", "links": "1"}
SETTINGS = {"origins": HOST, "names": "optional", "depth": "3", "edit_minutes": "5", "votes": "up"}
ACCESS = {"role": "moderator", "which": "some", "site": "blog"}

#: every route under /admin, without the ranges of ids: what it is sent, and what is answered; $things are arranged
MATRIX: dict[tuple[str, str], tuple[dict[str, Any], tuple[int, ...]]] = {
    ("GET", ""): ({}, (308,) * 6),
    ("GET", "/"): ({}, (303,) * 6),
    ("GET", "/sign-in"): ({}, (200, 200, 303, 303, 303, 303)),
    ("POST", "/sign-in"): ({"name": "ann", "password": PASSWORD}, (303,) * 6),
    ("GET", "/code"): ({}, (303, 200, 303, 303, 303, 303)),
    ("POST", "/code"): ({"code": "$code"}, (401, 303, 422, 422, 422, 422)),
    ("POST", "/sign-out"): ({}, (401, 303, 303, 303, 303, 303)),
    ("GET", "/go"): ({"to": "/admin/comments/$comment_id"}, (200,) * 6),
    ("GET", "/setup/<token>"): ({}, GONE),
    ("POST", "/setup/<token>"): ({"name": "eve", "password": NEW, "again": NEW}, GONE),
    ("GET", "/password/<token>"): ({}, (200,) * 6),
    ("POST", "/password/<token>"): ({"password": NEW, "again": NEW}, (303,) * 6),
    ("GET", "/account"): ({}, SEES),
    ("POST", "/account/password"): ({"current": PASSWORD, "password": NEW, "again": NEW}, OWN),
    ("POST", "/account/sessions/<int:session_id>/end"): ({}, OWN),
    ("POST", "/account/sessions/end-others"): ({}, OWN),
    ("POST", "/account/tokens"): ({"name": "x", "scope": "read", "current": PASSWORD}, SHOWN),
    ("POST", "/account/tokens/<int:token_id>/remove"): ({}, OWN),
    ("GET", "/account/totp"): ({}, SEES),
    ("GET", "/account/totp.svg"): ({}, SEES),
    ("POST", "/account/totp"): ({"code": "$code", "current": PASSWORD}, SHOWN),
    ("POST", "/account/codes"): ({"current": PASSWORD}, SHOWN),
    ("POST", "/account/totp/off"): ({"current": PASSWORD}, OWN),
    ("GET", "/audit"): ({}, SEES),
    ("GET", "/audit/export"): ({}, SEES),
    ("GET", "/bans"): ({}, SEES),
    ("POST", "/bans"): ({"kind": "name", "value": "Eve", "site": "$site"}, ACTS),
    ("POST", "/bans/<int:ban_id>/remove"): ({}, ACTS),
    ("GET", "/queue"): ({"view": "all"}, SEES),
    ("POST", "/queue/decide"): ({"one": "spam $comment_id"}, ACTS),
    ("POST", "/queue/undo"): ({"batch": "$batch"}, ACTS),
    ("GET", COMMENT): ({}, SEES_ONE),
    ("POST", f"{COMMENT}/edit"): ({"body": "Other."}, ACTS),
    ("POST", f"{COMMENT}/answer"): ({"answer": "Thanks."}, ACTS),
    ("POST", f"{COMMENT}/erase"): ({"sure": "yes"}, ACTS),
    ("GET", "/pages"): ({}, SEES),
    ("POST", "/pages"): ({"act": "close", "page": "$page_id"}, ACTS),
    ("GET", PAGES): ({}, SEES_ONE),
    ("POST", f"{PAGES}/<any(close, open, 'hand-back'):act>"): ({}, ACTS),
    ("POST", f"{PAGES}/describe"): ({"title": "Wine", "url": "$url"}, ACTS),
    ("GET", "/pages/by-url"): ({"url": "$url"}, (303, 303, 404, 303, 303, 303)),
    ("POST", "/pages/by-url"): ({"url": "$url/new"}, ACTS),
    ("GET", "/rules"): ({}, SEES_OF_ALL),
    ("GET", "/rules/<name>"): ({}, SEES_OF_ALL),
    ("POST", "/rules/<name>"): (RULES_FORM, SETS),
    ("GET", "/sites"): ({}, SEES),
    ("POST", "/sites"): ({"name": "new", "origins": "https://new.example"}, SETS),
    ("GET", "/sites/<name>"): ({}, SEES_ONE),
    ("POST", "/sites/<name>"): (SETTINGS, SETS),
    ("POST", "/sites/<name>/freeze"): ({"reason": "Moving."}, ACTS),
    ("POST", "/sites/<name>/thaw"): ({}, ACTS),
    ("POST", "/sites/<name>/closing"): (CLOSING | {"told": TOLD}, SETS),
    ("POST", "/sites/<name>/remove"): ({"confirm": "$site"}, SETS),
    ("GET", "/spam"): ({}, SEES_OF_ALL),
    ("GET", "/spam/export"): ({}, SEES_OF_ALL),
    ("POST", "/spam/import"): ({"file": FILTER}, SETS),
    ("POST", "/spam/reset"): ({"sure": "yes"}, SETS),
    ("GET", "/operators"): ({}, SEES_OF_ALL),
    ("POST", "/operators"): ({"name": "new"} | ACCESS, INVITES),
    ("GET", "/operators/<name>"): ({}, SEES_OF_ALL),
    ("POST", "/operators/<name>"): (ACCESS, SETS),
    ("POST", "/operators/<name>/link"): ({}, INVITES),
    ("POST", "/operators/<name>/end-sessions"): ({}, SETS),
    ("POST", "/operators/<name>/totp-off"): ({}, SETS),
    ("POST", "/operators/<name>/remove"): ({}, SETS),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The application with everybody signed in, one for all cases."""
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def _second_factors() -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE operators SET totp_secret = '{'A' * 32}' WHERE totp_secret IS NULL")


def _frozen() -> None:
    pages.freeze(SITE, "The key is lost.", None, NOW, COMMAND_LINE)


#: what has to be so for a request to do something
FIRST: dict[tuple[str, str], Callable[[], None]] = {
    ("POST", "/account/codes"): _second_factors,
    ("POST", "/account/totp/off"): _second_factors,
    ("POST", "/operators/<name>/totp-off"): _second_factors,
    ("POST", "/sites/<name>/thaw"): _frozen,
}


#: where those are sent who have to come in first
DOORS = {"nobody": "/admin/sign-in", "half": "/admin/code"}


def test_every_route_has_its_row(office: Office) -> None:
    rules = [rule for rule in office.app.url_map.iter_rules() if rule.rule.startswith("/admin")]
    served = {
        (method, re.sub(r"\(max=\d+\)", "", rule.rule.removeprefix("/admin")))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(MATRIX)


@pytest.mark.parametrize("who", PRINCIPALS)
@pytest.mark.parametrize(("method", "rule"), MATRIX)
def test_everybody_may_do_what_is_theirs(office: Office, method: str, rule: str, who: str) -> None:
    sent, statuses = MATRIX[method, rule]
    with office.restored.after():
        FIRST.get((method, rule), lambda: None)()
        before = contents()
        answer, asked = office.asks(who, method, rule, sent)
        assert answer.status_code == statuses[PRINCIPALS.index(who)], answer.text
        shown, changed = answer.text, contents() != before  # it may be a stream: first to its end
    led = method == "GET" and answer.status_code == 303
    if led:
        to = answer.headers["Location"]
        assert to.startswith(DOORS[who]) if who in DOORS else not to.startswith(tuple(DOORS.values()))
    if answer.status_code in (401, 403, 404, 410) or (led and who in DOORS):
        assert answer.mimetype == "text/html"
        assert not changed
    elif answer.status_code < 400:
        assert changed == (method == "POST")  # or the request is none whose refusal would prove anything
    if who in ("nobody", "half", "elsewhere"):
        assert [each for each in SECRETS if each in shown and each not in asked] == []


#: what may come before the second factor where a service asks for one: coming in, going out, setting it up
BEFORE = {"", "/sign-in", "/code", "/sign-out", "/go", "/setup/<token>", "/password/<token>", "/account/totp",
          "/account/totp.svg"}  # fmt: skip


@pytest.mark.parametrize(("method", "rule"), [row for row in MATRIX if row[1] not in BEFORE])
def test_nothing_else_comes_before_a_second_factor_that_is_asked_for(office: Office, method: str, rule: str) -> None:
    with office.restored.after(second_factor="owners"):
        before = contents()
        answer, _ = office.asks("owner", method, rule, MATRIX[method, rule][0])
        assert contents() == before
    expected = (303, "/admin/account/totp") if method == "GET" else (403, None)
    assert (answer.status_code, answer.headers.get("Location")) == expected
    assert [each for each in SECRETS if each in answer.text] == []


NOWHERE = {"comment_id": 9999, "page_id": 9999, "ban_id": 9999, "batch": "x" * 16, "site": "nowhere",
           "url": "https://nowhere.example/wine"}  # fmt: skip


@pytest.mark.parametrize(("method", "rule"), [row for row, (_, statuses) in MATRIX.items() if statuses[2] == 404])
def test_what_is_another_sites_is_answered_like_what_does_not_exist(office: Office, method: str, rule: str) -> None:
    theirs, _ = office.asks("elsewhere", method, rule, MATRIX[method, rule][0])
    nobodys, _ = office.asks("elsewhere", method, rule, MATRIX[method, rule][0], **NOWHERE)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert _without(theirs, office.things) == _without(nobodys, NOWHERE)


def _without(answer: TestResponse, things: dict[str, Any]) -> str:
    named = "|".join(re.escape(str(things[each])) for each in ("comment_id", "page_id", "ban_id", "site"))
    return re.sub(rf"\b(?:{named})\b", "…", text(answer))
