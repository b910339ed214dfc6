"""At the queue and at one comment: what was done is told as what it was, and only what can be done is offered."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from service import comments, pages
from service.comments import Skipped
from service.errors import Conflict
from service.people.audit import COMMAND_LINE
from tests.api.desk import SAME, Desk, put, text, tree
from tests.api.test_admin_queue import QUEUE, follow, held, states
from tests.conftest import NOW, PAGE, Reader, fill


def buttons(answer: TestResponse) -> dict[str, str]:
    """Return the class of each decision that a page offers, by its beginning."""
    found = [each for each in tree(answer).iter("button") if each.get("name") in ("one", "decision")]
    return {(each.text or ""): each.get("class", "") for each in found}


def turns(desk: Desk, page: TestResponse) -> TestResponse:
    """Press "Undo" or "Redo"."""
    form = next(each for each in tree(page).iter("form") if each.get("action") == f"{QUEUE}/undo")
    sent: dict[str, Any] = {each.get("name"): each.get("value") for each in form.iter("input")}
    return follow(desk, desk.client.post(f"{QUEUE}/undo", data=sent, headers=SAME))


def reported(reader: Reader, *keys: str, body: str = "You are a fool.") -> int:
    """Post a comment, and let readers report it."""
    made: int = reader.posts(body).json["comment"]["id"]
    for key in keys:
        sent = {"json": {"reason": "An insult."}, "headers": Reader(reader.client, key=key * 43).headers()}
        assert reader.client.post(f"/api/v1/comments/{made}/report", **sent).status_code < 300
    return made


def test_what_is_done_again_is_told_so_and_can_be_undone(desk: Desk) -> None:
    ids = held(2)
    page = follow(desk, desk.sends(f"{QUEUE}/decide", page=QUEUE, decision="approve", ids=ids))
    for _ in range(2):
        page = turns(desk, page)
        assert "Undone: 2 comments back to what they were. Redo" in text(page)
        page = turns(desk, page)
        assert "Done again: 2 comments published. Undo" in text(page)
    assert states(*ids) == ["published", "published"]


@pytest.mark.parametrize("state", ["published", "spam", "pending"])
def test_where_no_text_is_left_there_is_nothing_to_decide_on(desk: Desk, state: str) -> None:
    erased, other = fill(2)
    comments.wipe(erased, COMMAND_LINE, NOW)
    with pytest.raises(Conflict):
        comments.moderate([erased], state, COMMAND_LINE, NOW)
    made = comments.moderate([erased, other], state, COMMAND_LINE, NOW)
    assert made.skipped == [Skipped(erased, "erased")]
    assert states(erased) == ["deleted"]
    assert buttons(desk.opens(f"/admin/comments/{erased}")) == {}


def test_what_waits_without_a_text_can_be_deleted_and_nothing_else(desk: Desk) -> None:
    (erased,) = held(1)
    put(erased, body="", html="")
    for path in (QUEUE, f"/admin/comments/{erased}"):
        assert list(buttons(desk.opens(path)))[:1] == ["Delete"]
    assert comments.moderate([erased], "deleted", COMMAND_LINE, NOW).changed == [erased]


def test_the_strong_button_is_what_is_mostly_meant(desk: Desk, reader: Reader) -> None:
    def strong(view: str) -> list[str]:
        return [name for name, kind in buttons(desk.opens(f"{QUEUE}?view={view}")).items() if "main" in kind]

    (waits, spam, deleted) = held(3)
    reported(reader, "B")
    put(spam, state="spam", rule="spam-words", checked=False)
    comments.moderate([deleted], "deleted", COMMAND_LINE, NOW)
    assert strong("pending") == ["Publish"]
    assert strong("reported") == ["Keep"]
    assert strong("spam") == ["Confirm spam"]
    assert strong("deleted") == []
    comments.moderate([waits], "published", COMMAND_LINE, NOW)
    assert buttons(desk.opens(f"/admin/comments/{waits}")) == {"Hold": "", "Spam": "", "Delete": ""}


def test_a_reported_comment_that_is_kept_is_told_as_kept(desk: Desk, reader: Reader) -> None:
    first, second = reported(reader, "B", "C"), reported(reader, "D", body="Another.")
    page = follow(desk, desk.sends(f"{QUEUE}/decide", page=QUEUE, one=f"approve {first}"))
    assert "Kept; 2 reports rejected. Undo" in text(page)
    page = turns(desk, page)
    assert "Undone: 1 comment back to what it was." in text(page)
    assert "Done again: kept; 2 reports rejected." in text(turns(desk, page))
    third = reported(reader, "E", body="A third.")
    page = follow(desk, desk.sends(f"{QUEUE}/decide", page=QUEUE, decision="approve", ids=[second, third]))
    assert "2 comments kept; 2 reports rejected." in text(page)


def test_what_is_held_by_hand_says_by_whom_and_why(desk: Desk, reader: Reader) -> None:
    made = reader.posts("Fine.").json["comment"]["id"]
    for state, said in (("pending", "Held"), ("spam", "Marked as spam"), ("deleted", "Deleted")):
        comments.moderate([made], state, COMMAND_LINE, NOW, f"look {state}")
        for path in (f"{QUEUE}?view={state}", f"/admin/comments/{made}"):
            assert f"{said} by command line: look {state} 2026-" in text(desk.opens(path))
    comments.moderate([made], "published", COMMAND_LINE, NOW)
    assert "by command line: look" not in text(desk.opens(f"{QUEUE}?view=all"))
    comments.moderate([made], "pending", COMMAND_LINE, NOW)
    assert "Held by command line 2026-" in text(desk.opens(QUEUE))


def test_a_closed_page_says_by_whom(desk: Desk) -> None:
    pages.close(PAGE, None, "Enough.", None, NOW, COMMAND_LINE)
    assert "2026-05-14 18:20 UTC by command line." in text(desk.opens("/admin/pages/1"))


class TestTheWayBack:
    """From a comment's page one comes back to where one was."""

    def opens(self, desk: Desk, path: str, comment_id: int) -> str:
        """Return where "Open" leads at that entry."""
        links = {each.get("href", "") for each in tree(desk.opens(path)).iter("a") if each.get("data-key") == "e"}
        (found,) = (link for link in links if link.startswith(f"/admin/comments/{comment_id}?"))
        return found

    def test_after_a_decision_one_goes_on_at_the_following_entry(self, desk: Desk) -> None:
        first, second, third = held(3)
        there = self.opens(desk, f"{QUEUE}?site=blog", second)
        page = desk.opens(there)
        assert f'<p class="back"><a href="{QUEUE}?site=blog#comment-{second}">Queue</a>' in page.text
        (back,) = (each.get("value") for each in tree(page).iter("input") if each.get("name") == "back")
        assert back == f"{QUEUE}?site=blog#comment-{first}"
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, one=f"approve {second}", back=back)
        place = answer.headers["Location"]
        assert place.startswith(f"{QUEUE}?site=blog&did=")
        assert place.endswith(f"#comment-{first}")
        assert self.opens(desk, QUEUE, first).endswith(f"comment-{third}")

    def test_it_is_kept_while_one_changes_and_answers(self, desk: Desk) -> None:
        (made,) = fill(1)
        there = self.opens(desk, f"{QUEUE}?view=all", made)
        forms = {
            each.get("action", "").partition("?")[0]: each.get("action")
            for each in tree(desk.opens(there)).iter("form")
        }
        for act, sent in (
            ("edit", {"body": "", "name": "Ann"}),
            ("edit", {"body": "Else."}),
            ("answer", {"answer": "Yes."}),
        ):
            answer = desk.sends(forms[f"/admin/comments/{made}/{act}"] or "", page=there, **sent)
            page = answer if answer.status_code == 422 else follow(desk, answer)
            assert f'<p class="back"><a href="{QUEUE}?view=all#comment-{made}">' in page.text
        assert "Your answer is published." in text(page)
        assert f"Comment {made}" in text(page)

    @pytest.mark.parametrize("odd", ["https://evil.example/", "//evil.example", "/admin/account", "javascript:1"])
    def test_it_leads_to_the_queue_alone(self, desk: Desk, odd: str) -> None:
        (made,) = fill(1)
        page = desk.client.get(f"/admin/comments/{made}", query_string={"from": odd})
        assert f'<p class="back"><a href="{QUEUE}">Queue</a>' in page.text
        assert odd not in page.text.partition("<main")[2]
