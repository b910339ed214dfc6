"""Writing without JavaScript: the form posts what the API posts, once, from our own page, and loses no word."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from service import database, threads
from service.settings import Limit
from tests.api.plain import FORM, SAME, Plain, Sheet, again, said
from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, stored

SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))
HOURS = 3_600


@pytest.fixture
def plain(client: FlaskClient) -> Plain:
    """A reader without JavaScript."""
    return Plain(client)


# --- what is stored


def test_a_comment_is_stored_as_the_api_stores_it_and_shown(plain: Plain, reader: Reader) -> None:
    author = {"name": " Ann ", "email": "ann@example.org", "website": "example.org"}
    answer = plain.sends(plain.opens(), body="A **fine**\r\nclock.\r\n", **author)
    assert answer.status_code == 303
    reader.posts("A **fine**\r\nclock.\r\n", author=author)
    ours, theirs = stored("comments")
    own = ("id", "number", "created", "reader_id")
    assert {name: ours[name] for name in ours if name not in own} == {
        name: theirs[name] for name in theirs if name not in own
    }
    assert ours["reader_id"]
    assert answer.headers["Location"] == f"/thread?page={PAGE}&at={ours['id']}#comment-{ours['id']}"
    assert "Set-Cookie" not in answer.headers
    assert plain.follows(answer.headers["Location"]).ids() == [ours["id"], theirs["id"]]


def test_a_reply_goes_below_the_comment_whose_link_was_followed(plain: Plain, app: Flask) -> None:
    first, second = fill(2)
    (link,) = [link for link in plain.opens().links("Reply") if f"reply={first}" in link]
    sheet = plain.follows(link)
    assert sheet.fields()["parent"] == str(first)
    assert said(sheet.one("h4")) == "Your reply to Ann"
    # below that comment and nowhere else
    assert [
        article.get("id") for item in sheet.all("li") if item.findall("form") for article in item.findall("article")
    ] == [f"comment-{first}"]
    assert len(sheet.links("Reply")) == 1
    answer = plain.sends(sheet)
    reply = stored("comments")[-1]
    assert reply["parent_id"] == first
    assert plain.follows(answer.headers["Location"]).ids() == [first, reply["id"], second]


def test_a_page_named_by_its_owners_id_is_written_to_by_it(plain: Plain) -> None:
    answer = plain.sends(plain.opens(id="article-7"))
    assert plain.follows(answer.headers["Location"]).ids() == [1]
    assert stored("pages")[0]["key"] == "#article-7"


def test_a_held_comment_says_so_and_is_shown_to_nobody(plain: Plain) -> None:
    answer = plain.sends(plain.opens(), body=SIX_LINKS)
    assert answer.status_code == 303
    sheet = plain.follows(answer.headers["Location"])
    assert answer.headers["Location"].endswith("#notice")
    assert "held for review" in said(sheet.one("p", id="notice"))
    assert sheet.ids() == []
    assert stored("comments")[0]["state"] == "pending"


def test_a_name_is_asked_for_where_the_site_wants_one(plain: Plain, operator: Operator) -> None:
    sheet = again(plain.sends(plain.opens(), name=""), 422, "Please give a name.")
    assert sheet.one("input", name="name").get("required") is not None
    operator.runs("site", "set", "blog", "--names", "optional")
    assert plain.opens().one("input", name="name").get("required") is None
    assert plain.sends(plain.opens(), name="").status_code == 303
    assert len(plain.opens().all("h3")) == 1


def test_ten_thousand_letters_of_any_script_fit(plain: Plain) -> None:
    assert plain.sends(plain.opens(), body="\U0001f600" * 10_000).status_code == 303


# --- once


def test_a_double_click_stores_one_comment(plain: Plain) -> None:
    sheet = plain.opens()
    first, second = plain.sends(sheet), plain.sends(sheet)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(stored("comments")) == len(stored("readers")) == 1


def test_two_visits_write_two_comments(plain: Plain) -> None:
    sheets = [plain.opens(), plain.opens()]
    assert len({plain.sends(sheet).headers["Location"] for sheet in sheets}) == 2


def test_a_form_found_on_the_way_back_asks_before_it_stores_another_comment(plain: Plain) -> None:
    sheet = plain.opens()
    plain.sends(sheet)
    shown = again(plain.sends(sheet, body="One more."), 409, "This form was sent before, with another text.")
    assert shown.fields()["body"] == "One more."
    assert plain.sends(shown, body="One more.").status_code == 303
    assert [comment["body"] for comment in stored("comments")] == ["A fine clock.", "One more."]


def test_what_was_refused_and_is_sent_again_twice_is_stored_once(plain: Plain) -> None:
    shown = again(plain.sends(plain.opens(), website="no where"), 422)
    assert {plain.sends(shown, website="").status_code for _ in range(2)} == {303}
    assert len(stored("comments")) == 1


# --- nothing typed is lost

TYPED = {
    "name": "Ann B.",
    "email": "ann@example.org",
    "website": "example.org",
    "body": "\nWell\tdone,\r\n\r\n  <b>you</b>.",
}


@pytest.mark.parametrize(
    ("wrong", "field", "fault"),
    [
        ({"body": " \n "}, "body", "Please write something first."),
        ({"body": "x" * 10_001}, "body", "A comment may have 10,000 characters; this one has 10,001."),
        ({"body": "[](https://example.org)" * 51}, "body", "A comment can hold 50 links at most"),
        ({"name": "n" * 65}, "name", "This may have 64 characters; it has 65."),
        ({"name": " "}, "name", "Please give a name."),
        ({"email": "nobody"}, "email", "This is not an e-mail address."),
        ({"website": "javascript:alert(1)"}, "website", "This is not the address of a website."),
    ],
)
def test_a_fault_is_said_at_its_field(plain: Plain, wrong: dict[str, str], field: str, fault: str) -> None:
    sheet = again(plain.sends(plain.opens(), **TYPED | wrong), 422, fault)
    (control,) = [each for tag in ("input", "textarea") for each in sheet.all(tag, name=field)]
    assert control.get("aria-invalid") == "true"
    assert said(sheet.one("strong", id=f"{field}-fault")).startswith(fault)
    assert f"{field}-fault" in str(control.get("aria-describedby")).split()
    assert [link for link in sheet.links(".*") if link.startswith("#")] == [f"#{field}"]
    assert {name: sheet.fields()[name].replace("\r\n", "\n") for name in TYPED} == {
        name: value.replace("\r\n", "\n") for name, value in (TYPED | wrong).items()
    }
    assert stored("comments") == []


def test_several_faults_are_said_at_once(plain: Plain) -> None:
    again(plain.sends(plain.opens(), body="", email="x", website="y z"), 422, "write something", "e-mail", "website")


def test_a_limit_and_a_repeat_keep_the_text(app: Flask, make_app: Callable[..., Flask]) -> None:
    strict = make_app(limit_posts=(Limit(1, 60),), limit_repeats=(Limit(1, 600),))
    plain = Plain(strict.test_client(use_cookies=False))
    plain.sends(plain.opens())
    assert again(plain.sends(plain.opens()), 409, "a moment ago").fields()["body"] == "A fine clock."
    answer = plain.sends(plain.opens(), body="Another.")
    assert again(answer, 429, "try again in").fields()["body"] == "Another."
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_page_that_was_closed_meanwhile_gives_the_text_back_to_copy(plain: Plain, operator: Operator) -> None:
    sheet = plain.opens()
    operator.closes(reason="Enough.")
    shown = again(plain.sends(sheet, body="Too late."), 403, "Enough.")
    assert shown.all("form") == []
    assert (shown.one("textarea", id="kept").text or "").strip() == "Too late."
    # what was stored before is answered as before, though
    operator.opens()
    plain.sends(sheet)
    operator.closes()
    assert plain.sends(sheet).status_code == 303


@pytest.mark.parametrize("how", ["deleted", "elsewhere", "nonsense", "huge"])
def test_a_reply_to_what_is_gone_can_still_stand_on_its_own(plain: Plain, operator: Operator, how: str) -> None:
    first, _ = fill(1), fill(1, page=f"{ORIGIN}/other")
    sheet = plain.opens(reply=first[0])
    if how == "deleted":
        operator.deletes(*first)
    parent = {"deleted": str(first[0]), "elsewhere": "2", "nonsense": "1e3", "huge": "9" * 19}[how]
    shown = again(plain.sends(sheet, body="Still.", parent=parent), 422)
    assert "parent" not in shown.fields()
    assert shown.fields()["body"] == "Still."
    assert plain.sends(shown, body="Still.").status_code == 303


@pytest.mark.parametrize(
    ("fault", "status", "wait"), [("database is locked", 503, "5"), ("database or disk is full", 507, "60")]
)
@pytest.mark.parametrize("readable", [True, False])
def test_a_service_in_trouble_gives_the_text_back(
    plain: Plain, monkeypatch: pytest.MonkeyPatch, fault: str, status: int, wait: str, readable: bool
) -> None:
    sheet = plain.opens()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, type("OperationalError", (Exception,), {})(fault))

    def away(*_: object, **__: object) -> None:
        with database.read():
            fail()

    monkeypatch.setattr("service.comments.store.insert_comment", fail)
    if not readable:
        monkeypatch.setattr(threads, "read", away)
    answer = plain.sends(sheet, body="Wait for me.")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, wait)
    assert "Wait for me." in said(Sheet(answer).one("textarea"))
    assert fault not in answer.text


@pytest.mark.parametrize(
    ("body", "status", "kept"),
    [
        (b"a%00b", 400, "ab"),
        (b"a%ffb", 400, "a\ufffdb"),
        (b"a\xffb", 400, "a\ufffdb"),
        (b"%ed%a0%80", 400, "\ufffd\ufffd\ufffd"),
        (b"caf%e9", 400, "caf\ufffd"),
        ("café".encode(), 303, None),
        (b"a%", 303, None),
        (b"x&body=y", 400, None),
        (b"x" + b"&a=" * 33, 400, None),
        (b"x&state=published", 422, "x"),
        (b"x&number=7", 422, "x"),
        (b"x" * 200_000, 413, None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_sound_form_is_refused_in_words(plain: Plain, body: bytes, status: int, kept: str | None) -> None:
    fields = plain.opens().fields() | {"name": "Ann"}
    del fields["body"]
    raw = urlencode(fields).encode() + b"&body=" + body
    answer = plain.client.post("/thread", data=raw, content_type=FORM, headers=SAME)
    assert answer.status_code == status
    assert len(stored("comments")) == (status == 303)
    if kept is not None:
        assert again(answer, status).fields()["body"] == kept
    elif status != 303:
        assert len(said(Sheet(answer).one("main"))) > 30


@pytest.mark.parametrize("page", ["", "null", "https://evil.example/", "javascript:alert(1)"])
def test_a_form_that_names_no_page_of_ours_is_refused(plain: Plain, page: str) -> None:
    answer = plain.sends(plain.opens(), page=page)
    assert answer.status_code in (404, 422)
    sheet = Sheet(answer)
    assert sheet.faults() == []
    assert "A fine clock." in said(sheet.one("textarea"))
