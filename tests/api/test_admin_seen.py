"""What an operator's page showed is what a decision and a change are about: at the pages and in the API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import comments
from service.people import operators, tokens
from service.people.audit import COMMAND_LINE, Actor
from tests.api.desk import SAME, Desk, refused, text, tree
from tests.conftest import NOW, Operator, Reader, fill, stored

QUEUE = "/admin/queue"
SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def form_of(page: TestResponse, action: str) -> dict[str, list[str]]:
    """Return what a form of a page holds, as a browser sends it."""
    form = next(each for each in tree(page).iter("form") if each.get("action") == action)
    sent: dict[str, list[str]] = {}
    for each in form.iter("input"):
        if each.get("name") and each.get("type") != "checkbox":
            sent.setdefault(each.get("name"), []).append(each.get("value") or "")
    for each in form.iter("textarea"):
        sent[each.get("name")] = [(each.text or "").removeprefix("\n")]
    return sent


def edits(reader: Reader, comment_id: int, body: str) -> None:
    """Change a comment as its author."""
    sent = {"json": {"body": body}, "headers": reader.headers()}
    assert reader.client.patch(f"/api/v1/comments/{comment_id}", **sent).status_code < 300


def row(comment_id: int) -> dict[str, object]:
    """Return a comment as it is stored."""
    return next(each for each in stored("comments") if each["id"] == comment_id)


class TestDeciding:
    """On the queue and on a comment's page."""

    def decides(self, desk: Desk, page: TestResponse, **pressed: object) -> TestResponse:
        """Press a button of a page that was opened before, and go where it leads."""
        sent = form_of(page, f"{QUEUE}/decide") | pressed
        answer = desk.client.post(f"{QUEUE}/decide", data=sent, headers=SAME)
        assert answer.status_code == 303, answer.text
        return desk.opens(answer.headers["Location"])

    @pytest.mark.parametrize("path", [QUEUE, "/admin/comments/{}"])
    def test_a_text_that_was_edited_since_is_not_published(self, desk: Desk, reader: Reader, path: str) -> None:
        held = reader.posts(SIX_LINKS).json["comment"]["id"]
        page = desk.opens(path.format(held))
        edits(reader, held, f"{SIX_LINKS} And worse.")
        after = self.decides(desk, page, one=f"approve {held}")
        assert f"1 comment left as it is: the text was changed since; look at it as it is now ({held})." in text(after)
        assert "Nothing was changed." in text(after)
        assert (row(held)["state"], row(held)["checked"]) == ("pending", 0)
        assert "1 comment published." in text(self.decides(desk, after, one=f"approve {held}"))

    def test_what_another_operator_deleted_is_not_published_unawares(self, desk: Desk) -> None:
        ids = fill(3)
        comments.moderate(ids, "pending", COMMAND_LINE, NOW)
        page = desk.opens(QUEUE)
        comments.moderate(ids[:1], "deleted", Actor("ben", "ui"), NOW, "Phishing.")
        after = text(self.decides(desk, page, decision="approve", ids=[str(each) for each in ids]))
        assert "2 comments published." in after
        assert f"1 comment left as it is: something else was decided since ({ids[0]})." in after
        assert [row(each)["state"] for each in ids] == ["deleted", "published", "published"]

    def test_one_that_was_withdrawn_does_not_stop_the_others(self, desk: Desk, reader: Reader) -> None:
        held = reader.posts(SIX_LINKS).json["comment"]["id"]
        others = fill(2)
        comments.moderate(others, "pending", COMMAND_LINE, NOW)
        page = desk.opens(QUEUE)
        reader.client.delete(f"/api/v1/comments/{held}", headers=reader.headers())
        after = text(self.decides(desk, page, decision="approve", ids=[str(each) for each in (held, *others)]))
        assert "2 comments published." in after
        assert f"1 comment left as it is: deleted by the author ({held})." in after

    @pytest.mark.parametrize("left", ["x", "edited", "edited.x", "edited.1.x", "<b>.1.2", "edited." + "9" * 30])
    def test_an_address_says_nothing_but_what_we_say(self, desk: Desk, left: str) -> None:
        page = desk.opens(f"{QUEUE}?left={left}")
        assert "<b>" not in page.text
        assert "changed since" not in text(page) or left == "edited.1.x"

    def test_a_damaged_form_is_refused(self, desk: Desk) -> None:
        (comment,) = fill(1)
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, one=f"spam {comment}", seen=f"{comment} nonsense")
        assert answer.status_code == 422
        assert row(comment)["state"] == "published"


class TestChanging:
    """On a comment's page."""

    def saves(self, desk: Desk, page: TestResponse, comment_id: int, **typed: str) -> TestResponse:
        """Send the form "Change" of a page that was opened before."""
        path = f"/admin/comments/{comment_id}/edit"
        return desk.client.post(path, data=form_of(page, path) | typed, headers=SAME)

    def test_what_its_author_removed_meanwhile_does_not_come_back(self, desk: Desk, reader: Reader) -> None:
        made = reader.posts("Call me at 0123 456789, or write.").json["comment"]["id"]
        page = desk.opens(f"/admin/comments/{made}")
        edits(reader, made, "Call me, or write.")
        answer = self.saves(desk, page, made, body="Call me at 0123 456789, or **write**.", name="Anna")
        refused(answer, 409, "Meanwhile its author changed the text of this comment, so nothing was saved.")
        assert row(made)["body"] == "Call me, or write."
        assert form_of(answer, f"/admin/comments/{made}/edit")["body"] == ["Call me at 0123 456789, or **write**."]
        assert form_of(answer, f"/admin/comments/{made}/edit")["name"] == ["Anna"]
        (beside,) = (each for each in tree(answer).iter("div") if each.get("role") == "group")
        assert ["".join(each.itertext()) for each in beside.iter("del")] == [" me at 0123 456789,"]
        again = self.saves(desk, answer, made, body="Call me, or **write**.")
        assert again.status_code == 303
        assert row(made)["body"] == "Call me, or **write**."

    def test_what_another_operator_named_meanwhile_is_told(self, desk: Desk) -> None:
        (made,) = fill(1)
        page = desk.opens(f"/admin/comments/{made}")
        comments.revise(made, comments.Revision(name="Nobody"), Actor("ben", "ui"), NOW)
        answer = self.saves(desk, page, made, body="Other.")
        refused(answer, 409, "Meanwhile ben changed the name of this comment")
        assert "Ann" in text(answer)
        assert row(made)["name"] == "Nobody"

    def test_another_decision_and_the_same_text_again_are_no_obstacle(self, desk: Desk, reader: Reader) -> None:
        made = reader.posts("A clock.").json["comment"]["id"]
        page = desk.opens(f"/admin/comments/{made}")
        comments.moderate([made], "pending", COMMAND_LINE, NOW)
        edits(reader, made, "Two clocks.")
        edits(reader, made, "A clock.")
        assert self.saves(desk, page, made, body="A *clock*.").status_code == 303

    @pytest.mark.parametrize("act", ["edit", "answer"])
    def test_a_long_text_in_any_script_is_taken(self, desk: Desk, reader: Reader, act: str) -> None:
        made = reader.posts("時" * 9_000).json["comment"]["id"]
        path = f"/admin/comments/{made}"
        typed = {"body": "𠮷" * 9_000} if act == "edit" else {"answer": "𠮷" * 9_000}
        answer = desk.client.post(
            f"{path}/{act}", data=form_of(desk.opens(path), f"{path}/{act}") | typed, headers=SAME
        )
        assert answer.status_code == 303, answer.text
        assert len(str(stored("comments")[-1]["body"])) == 9_000

    @pytest.mark.parametrize("act", ["edit", "answer"])
    def test_nobody_who_may_not_change_it_sends_that_much(self, app: Flask, desk: Desk, act: str) -> None:
        (made,) = fill(1)
        stranger = app.test_client()
        sent = stranger.post(f"/admin/comments/{made}/{act}", data={"body": "時" * 9_000}, headers=SAME)
        assert sent.status_code == 413


@pytest.fixture
def asks(app: Flask, client: FlaskClient) -> object:
    """Ask the API as an owner whose token has the scopes given."""
    operators.add("olga", "owner", None, COMMAND_LINE, NOW)

    def ask(method: str, path: str, *scopes: str, **sent: object) -> TestResponse:
        key = tokens.make("olga", "test", scopes or ("read", "moderate"), None, COMMAND_LINE, NOW)[1]
        return client.open(f"/api/v1/admin{path}", method=method, headers={"Authorization": f"Bearer {key}"}, **sent)

    return ask


class TestApi:
    """What programs send."""

    def test_a_decision_on_another_version_is_skipped_with_the_reason(self, asks, reader: Reader) -> None:  # type: ignore[no-untyped-def]
        held = reader.posts(SIX_LINKS).json["comment"]["id"]
        (other,) = fill(1)
        queue = asks("GET", "/queue", query_string={"view": "all"}).json["entries"]
        versions = {entry["id"]: entry["version"] for entry in queue}
        edits(reader, held, f"{SIX_LINKS} And worse.")
        sent = {"ids": [held, other], "decision": "approve", "seen": [versions[held], versions[other]]}
        made = asks("POST", "/decisions", json=sent).json
        assert (made["changed"], made["skipped"]) == ([other], [{"id": held, "reason": "edited"}])
        for seen in (["0-pending"], ["nonsense", "0-pending"]):
            refused = asks("POST", "/decisions", json=sent | {"seen": seen})
            assert (refused.status_code, set(refused.json["errors"])) == (422, {"seen"})

    def test_a_change_of_another_version_is_refused(self, asks, reader: Reader) -> None:  # type: ignore[no-untyped-def]
        made = reader.posts("Call me at 0123 456789.").json["comment"]["id"]
        seen = asks("GET", f"/comments/{made}").json["comment"]["version"]
        edits(reader, made, "Call me.")
        answer = asks("PATCH", f"/comments/{made}", json={"body": "Call me at 0123 456789!", "seen": seen})
        assert (answer.status_code, row(made)["body"]) == (409, "Call me.")
        assert "its author changed the text" in answer.json["detail"]
        assert asks("PATCH", f"/comments/{made}", json={"body": "Call me!", "seen": "99-pending"}).status_code == 409
        assert asks("PATCH", f"/comments/{made}", json={"body": "Call me!"}).status_code == 200
        assert asks("PATCH", f"/comments/{made}", json={"seen": seen}).status_code == 422

    def test_a_change_and_an_erasure_can_have_a_reason(self, asks) -> None:  # type: ignore[no-untyped-def]
        (made,) = fill(1)
        path = f"/comments/{made}"
        assert asks("PATCH", path, json={"body": "Other.", "reason": "A number."}).status_code == 200
        assert asks("DELETE", path, query_string={"reason": "x" * 301}).status_code == 422
        assert asks("DELETE", path, query_string={"reason": "Asked for."}).status_code == 204
        told = [(entry["verb"], entry["reason"]) for entry in stored("audit") if entry["comment_id"] == made]
        assert told == [("comment.edit", "A number."), ("comment.erase", "Asked for.")]

    def test_who_may_not_read_reads_nothing_by_changing(self, asks) -> None:  # type: ignore[no-untyped-def]
        (made,) = fill(1)
        answer = asks("PATCH", f"/comments/{made}", "moderate", json={"name": "Ann"})
        assert (answer.status_code, answer.data) == (204, b"")
        assert (
            asks("PATCH", f"/comments/{made}", "moderate", "read", json={"name": "Ann"}).json["comment"]["id"] == made
        )


def test_the_command_line_takes_what_was_seen(operator: Operator, reader: Reader) -> None:
    held = reader.posts(SIX_LINKS).json["comment"]["id"]
    seen = str(comments.get_comment(held)["version"])
    edits(reader, held, f"{SIX_LINKS} And worse.")
    said = operator.runs("comment", "approve", held, "--seen", held, seen)
    assert said == (
        f"0 of 1 changed: now published.\n"
        f"Comment {held} is left as it is: its text was changed since it was looked at.\n"
    )
    assert operator.tries("comment", "approve", held, "--seen", held, "soon").exit_code == 2
