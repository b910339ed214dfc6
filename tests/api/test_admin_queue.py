"""The queue's page: what it shows, what it asks for, deciding, undoing; and that nothing shown is markup."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service import comments
from service.comments import queue, queue_store
from service.pages import Site
from service.people.audit import COMMAND_LINE
from service.policy.rules import RULES, name_of
from service.web.admin import words
from tests.api.desk import SAME, Desk, put, refused, seated, text, tree
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Reader, fill, statements, stored

QUEUE = "/admin/queue"
SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


@pytest.fixture
def mia(app: Flask, desk: Desk, other: Site) -> Desk:
    """The browser of a moderator of the site `other` alone."""
    return seated(app, "mia", "moderator", ["other"])


def held(number: int, **fields: Any) -> list[int]:
    """Store comments that wait."""
    made = fill(number, **fields)
    comments.moderate(made, "pending", COMMAND_LINE, NOW)
    return made


def listed(answer: TestResponse) -> list[int]:
    """Return the ids of the comments that a page shows."""
    found = [each.get("id", "") for each in tree(answer).iter("article")]
    return [int(each.removeprefix("comment-")) for each in found]


def states(*ids: int) -> list[str]:
    """Return how comments stand."""
    by_id = {row["id"]: row["state"] for row in stored("comments")}
    return [by_id[each] for each in ids]


def follow(desk: Desk, answer: TestResponse) -> TestResponse:
    """Go where a form led."""
    assert answer.status_code == 303, answer.text
    return desk.opens(answer.headers["Location"])


def test_the_pages_begin_at_the_queue(desk: Desk) -> None:
    assert desk.opens("/admin/", 303).headers["Location"] == QUEUE
    assert "Nothing is waiting for you." in text(desk.opens(QUEUE))


def test_an_entry_is_shown_in_its_context(desk: Desk, reader: Reader) -> None:
    asked = reader.posts("Is it right?", title="The clock").json["comment"]["id"]
    author = {"name": "Ben", "email": "ben@example.org", "website": "https://ben.example/"}
    answer = reader.posts(SIX_LINKS, parent=asked, author=author).json["comment"]["id"]
    page = desk.opens(QUEUE)
    assert listed(page) == [answer]
    said = text(page)
    for part in ("Ben", "ben@example.org", "https://ben.example/", "127.0.0.0/24", "blog", "The clock", "Is it right?",
                 "it has more links than this site lets through", "many-links", "1 published, 1 held",
                 "Pending 1", "All 2", "Spam 0"):  # fmt: skip
        assert part in said, part
    links = {each.get("href") for each in tree(page).iter("a")}
    assert {f"{PAGE}#comment-{answer}", f"/admin/comments/{answer}?from={QUEUE}"} <= links


def test_signs_and_reports_are_told(desk: Desk, reader: Reader) -> None:
    spam = reader.posts("Watches!").json["comment"]["id"]
    put(spam, state="spam", rule="looks-like-spam", why='["watches", "link to x"]', spam_score=0.97)
    rude = reader.posts("You are a fool.").json["comment"]["id"]
    sent = {"json": {"reason": "An insult."}, "headers": Reader(reader.client, key="B" * 43).headers()}
    assert reader.client.post(f"/api/v1/comments/{rude}/report", **sent).status_code < 300
    page = desk.opens(f"{QUEUE}?view=spam")
    assert listed(page) == [spam]
    assert "the spam filter takes it for spam 97 %" in text(page)
    assert {"watches", "link to x"} <= {each.text for each in tree(page).iter("bdi")}
    reported = desk.opens(f"{QUEUE}?view=reported")
    assert listed(reported) == [rude]
    assert "An insult." in text(reported)
    assert "Keep" in text(reported)


def test_every_rule_has_its_words() -> None:
    assert set(words.RULES) == {name_of(rule) for rule in RULES} | {"reported"}


class TestFilter:
    """The form above the list is a link that can be kept."""

    @pytest.fixture
    def two(self, mia: Desk) -> tuple[int, int]:
        """A comment on each of two sites."""
        (first,), (second,) = held(1, body="A clock."), held(1, page=f"{OTHER_ORIGIN}/x", body="A bench.")
        return first, second

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "both"),
            ("site=blog", "first"),
            ("site=other", "second"),
            (f"page={PAGE}", "first"),
            ("page=1", "first"),
            ("author=Ann", "both"),
            ("author=Ben", "none"),
            ("text=CLOCK", "first"),
            ("rule=many-links", "none"),
            ("from=2026-05-14&to=2026-05-14", "both"),
            ("to=2026-05-13", "none"),
            ("from=2026-05-15", "none"),
            ("view=deleted", "none"),
            ("view=all&order=oldest&site=&page=&author=&rule=&text=&from=&to=", "both"),
        ],
    )
    def test_it_finds(self, desk: Desk, two: tuple[int, int], query: str, found: str) -> None:
        expected = {"both": set(two), "none": set(), "first": {two[0]}, "second": {two[1]}}[found]
        page = desk.opens(f"{QUEUE}?{query}")
        assert set(listed(page)) == expected

    def test_what_was_typed_stays(self, desk: Desk) -> None:
        page = desk.opens(f"{QUEUE}?view=all&text=a%26b&author=%22x%22&from=2026-05-01&rule=hold-all&order=oldest")
        fields = {each.get("name"): each.get("value") for each in tree(page).iter("input")}
        assert (fields["text"], fields["author"], fields["from"]) == ("a&b", '"x"', "2026-05-01")
        assert (fields["view"], fields["order"]) == ("all", "oldest")
        assert [each.get("value") for each in tree(page).iter("option") if each.get("selected") is not None] == [
            "", "hold-all"
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("query", "status", "said"),
        [
            ("from=soon", 422, "This is no date"),
            ("to=9999-12-31", 422, "This is no date"),
            ("view=nonsense", 422, "Must be one of"),
            ("after=x", 422, "no cursor"),
            ("author=" + "x" * 300, 422, "254 characters"),
            ("site=nobody", 404, "There is no such site here"),
            ("page=https://nobody.example/", 404, "There is no such page here"),
        ],
    )
    def test_what_cannot_be_is_said_and_kept(self, desk: Desk, query: str, status: int, said: str) -> None:
        page = desk.opens(f"{QUEUE}?{query}", status)
        assert said in text(page)
        assert listed(page) == []
        name, _, value = query.partition("=")
        assert name in ("view", "after") or value in page.text

    def test_other_sites_are_as_if_they_were_not_there(self, mia: Desk, two: tuple[int, int]) -> None:
        assert listed(mia.opens(f"{QUEUE}?view=all")) == [two[1]]
        assert "blog" not in text(mia.opens(QUEUE))
        for query in ("site=blog", "site=nobody", f"page={PAGE}", "page=1"):
            assert "or it is not one of yours" in text(mia.opens(f"{QUEUE}?{query}", 404))
        assert "All 1" in text(mia.opens(f"{QUEUE}?view=all"))


def test_a_long_list_is_read_part_by_part(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    ids = held(7)
    for order, expected in (("newest", ids[::-1]), ("oldest", ids)):
        seen, path = [], f"{QUEUE}?order={order}"
        while path:
            page = desk.opens(path)
            seen.append(listed(page))
            path = "".join(unescape(each) for each in re.findall(r'rel="next" href="([^"]+)"', page.text))
        assert seen == [expected[:3], expected[3:6], expected[6:]]


def test_a_search_that_was_cut_short_says_so_and_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = fill(1, body="A needle.")
    fill(8)
    monkeypatch.setattr(queue_store, "SCAN", 4)
    monkeypatch.setattr(queue, "PAGE", 2)
    path, seen = f"{QUEUE}?view=all&text=needle", 0
    while not listed(page := desk.opens(path)):
        assert "Not all comments were looked through yet" in text(page)
        (path,) = (unescape(each) for each in re.findall(r'href="([^"]+)">Go on looking', page.text))
        seen += 1
    assert listed(page) == [first]
    assert seen >= 1


DECIDED = [("approve", "published", "published"), ("spam", "spam", "marked as spam"),
           ("delete", "deleted", "deleted")]  # fmt: skip


class TestDeciding:
    """One form, for one comment or for many."""

    @pytest.mark.parametrize(("decision", "state", "said"), DECIDED)
    def test_one_is_decided_and_undone(self, desk: Desk, decision: str, state: str, said: str) -> None:
        first, second = held(2)
        sent = {"one": f"{decision} {first}", "ids": [second], "reason": "Because.", "back": f"{QUEUE}?site=blog"}
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, **sent)
        assert states(first, second) == [state, "pending"]
        page = follow(desk, answer)
        assert f"1 comment {said}. Undo" in text(page)
        assert listed(page) == [second]
        entry = stored("audit")[-1]
        assert (entry["actor"], entry["via"], entry["reason"]) == ("ann", "ui", "Because.")
        undone = follow(desk, self.undoes(desk, page))
        assert states(first, second) == ["pending", "pending"]
        assert "Undone: 1 comment back to what it was. Redo" in text(undone)
        follow(desk, self.undoes(desk, undone))
        assert states(first, second) == [state, "pending"]

    def undoes(self, desk: Desk, page: TestResponse) -> TestResponse:
        """Press "Undo"."""
        form = next(each for each in tree(page).iter("form") if each.get("action") == f"{QUEUE}/undo")
        sent = {each.get("name"): each.get("value") for each in form.iter("input")}
        return desk.client.post(f"{QUEUE}/undo", data=sent, headers=SAME)

    def test_many_are_decided_and_undone_but_for_those_changed_since(self, desk: Desk) -> None:
        ids = held(4)
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, decision="approve", ids=ids[:3])
        page = follow(desk, answer)
        assert "3 comments published. Undo" in text(page)
        comments.moderate([ids[0]], "spam", COMMAND_LINE, NOW)
        undone = follow(desk, self.undoes(desk, page))
        assert states(*ids) == ["spam", "pending", "pending", "pending"]
        assert f"1 comment left as it is: something else was decided since ({ids[0]})." in text(undone)
        assert "Undone: 2 comments back to what they were." in text(undone)
        again = follow(desk, self.undoes(desk, page))
        assert "Nothing was undone" in text(again)

    def test_all_on_the_page_are_selected_by_a_link(self, desk: Desk) -> None:
        held(3)
        boxes = [each for each in tree(desk.opens(f"{QUEUE}?chosen=all")).iter("input") if each.get("name") == "ids"]
        assert [each.get("checked") for each in boxes] == [""] * 3
        boxes = [each for each in tree(desk.opens(QUEUE)).iter("input") if each.get("name") == "ids"]
        assert [each.get("checked") for each in boxes] == [None] * 3

    @pytest.mark.parametrize(
        ("sent", "status", "said"),
        [
            ({"decision": "approve"}, 303, "No comment was selected"),
            ({"decision": "hold", "ids": ["1"]}, 303, "Nothing had to be changed"),
            ({"decision": "publish", "ids": ["1"]}, 422, "no such decision"),
            ({"one": "x 1"}, 422, "no such decision"),
            ({"one": "spam"}, 303, "No comment was selected"),
            ({"one": "spam x"}, 404, "There is no such comment"),
            ({"decision": "spam", "ids": ["1", "-1"]}, 404, "There is no such comment"),
            ({"decision": "spam", "ids": ["1", "99"]}, 404, "There is no such comment"),
            ({"decision": "spam", "ids": ["1", "9" * 15]}, 404, "There is no such comment"),
            ({"decision": "spam", "ids": [str(number) for number in range(1, 502)]}, 422, "At most 500"),
        ],
    )
    def test_what_cannot_be_changes_nothing(self, desk: Desk, sent: dict[str, Any], status: int, said: str) -> None:
        held(1)
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, **sent)
        assert answer.status_code == status
        assert said in text(follow(desk, answer) if status == 303 else answer)
        assert states(1) == ["pending"]

    def test_another_sites_comments_cannot_be_touched(self, mia: Desk) -> None:
        (theirs,), (hers,) = held(1), held(1, page=f"{OTHER_ORIGIN}/x")
        batch = comments.moderate([theirs], "spam", COMMAND_LINE, NOW).batch
        for sent in ({"one": f"approve {theirs}"}, {"decision": "approve", "ids": [hers, theirs]}):
            refused(mia.sends(f"{QUEUE}/decide", page=QUEUE, **sent), 404)
        refused(mia.sends(f"{QUEUE}/undo", page=QUEUE, batch=batch), 404)
        assert states(theirs, hers) == ["spam", "pending"]
        assert "Undo" not in text(mia.opens(f"{QUEUE}?did={batch}"))

    @pytest.mark.parametrize(
        "back",
        ["https://evil.example/", "//evil.example", "/admin//evil", "/thread", "", "/admin/../x", "javascript:1"],
    )
    def test_the_way_back_is_a_page_of_ours(self, desk: Desk, back: str) -> None:
        (comment,) = held(1)
        answer = desk.sends(f"{QUEUE}/decide", page=QUEUE, one=f"spam {comment}", back=back)
        assert answer.headers["Location"].startswith(f"{QUEUE}?did=")

    def test_the_way_back_keeps_its_place(self, desk: Desk) -> None:
        (comment,) = held(1)
        back = f"{QUEUE}?text=a%26b+c&view=all#comment-7"
        place = desk.sends(f"{QUEUE}/decide", page=QUEUE, one=f"spam {comment}", back=back).headers["Location"]
        assert re.fullmatch(r"/admin/queue\?text=a%26b\+c&view=all&did=[\w-]+#comment-7", place)
        assert re.search(r'name="back" value="/admin/queue\?text=a%26b\+c&amp;view=all"', desk.opens(place).text)


def test_the_script_comes_from_here(desk: Desk) -> None:
    with desk.client.get("/static/admin.js") as script:
        assert (script.status_code, script.mimetype) == (200, "text/javascript")


def test_a_page_of_fifty_takes_a_bounded_number_of_queries(desk: Desk) -> None:
    def asked(number: int) -> int:
        held(number)
        with statements() as sent:
            desk.opens(QUEUE)
        return len(sent)

    few = asked(2)
    assert asked(48) <= few + 1


def test_hosts_are_linked_to_without_a_referrer(desk: Desk) -> None:
    held(1)
    (link,) = (each for each in tree(desk.opens(QUEUE)).iter("a") if (each.get("href") or "").startswith(ORIGIN))
    assert link.get("rel") == "noreferrer noopener"
