"""Replies: whom they may answer, where they show, and what is counted of them."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest

from tests.conftest import ORIGIN, Operator, Reader, stored

SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def posted(reader: Reader, body: str = "Hello.", **fields: Any) -> int:
    """Post a comment that is published, and return its id."""
    answer = reader.posts(body, **fields)
    assert answer.status_code == 201, answer.text
    comment_id: int = answer.json["comment"]["id"]
    return comment_id


def all_below(reader: Reader, parent: int) -> list[dict[str, Any]]:
    """Return a comment's replies as a client that follows every cursor sees them."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        seen = reader.sees(parent=parent, **after)
        found += seen["comments"]
        if seen["next"] is None:
            return found
        after = {"after": seen["next"]}


def test_a_reply_names_its_parent_and_has_no_number(reader: Reader) -> None:
    first = posted(reader, "First.")
    reply = reader.posts("Reply.", parent=first).json["comment"]
    assert (reply["parent"], reply["depth"], reply["number"]) == (first, 1, None)


def test_numbers_count_top_level_comments_only(reader: Reader) -> None:
    first = posted(reader)
    posted(reader, parent=first)
    posted(reader)
    posted(reader, parent=first)
    posted(reader)
    numbers = [comment["number"] for comment in reader.sees()["comments"] if comment["parent"] is None]
    assert numbers == [1, 2, 3]


def test_numbers_stay_when_comments_go(reader: Reader, operator: Operator) -> None:
    ids = [posted(reader) for _ in range(3)]
    operator.deletes(ids[1])
    last = posted(reader)
    seen = {comment["id"]: comment["number"] for comment in reader.sees()["comments"]}
    assert seen == {ids[0]: 1, ids[2]: 3, last: 4}


def test_a_number_given_is_not_given_again(reader: Reader, operator: Operator) -> None:
    last = [posted(reader) for _ in range(2)][1]
    operator.deletes(last)
    posted(reader)
    operator.approves(last)
    assert [comment["number"] for comment in reader.sees()["comments"]] == [1, 2, 3]


class TestParent:
    """Only a comment that shows, on the same page, can be answered."""

    def refused(self, reader: Reader, parent: object, **fields: Any) -> None:
        """Reply to what cannot be answered."""
        before = len(stored("comments")), len(stored("pages"))
        answer = reader.posts("Reply.", parent=parent, **fields)
        assert answer.status_code == 422
        assert answer.json["errors"] == {"parent": ["The comment that this replies to is no longer there."]}
        assert (len(stored("comments")), len(stored("pages"))) == before

    def test_it_must_be_there(self, reader: Reader) -> None:
        posted(reader)
        self.refused(reader, 2)

    def test_it_must_be_on_the_same_page(self, reader: Reader) -> None:
        # A2: an id of another thread
        self.refused(reader, posted(reader), page=f"{ORIGIN}/other")
        self.refused(reader, posted(reader), id="other")

    def test_it_must_be_on_the_same_site(self, reader: Reader, operator: Operator) -> None:
        operator.runs("site", "add", "other", "https://other.example")
        there = Reader(reader.client, "https://other.example")
        self.refused(there, posted(reader), page="https://other.example/clock")

    def test_it_must_not_be_deleted(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader)
        posted(reader, parent=first)  # so that it still holds its place
        operator.deletes(first)
        self.refused(reader, first)

    def test_it_must_not_be_spam(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader)
        operator.runs("comment", "spam", first)
        self.refused(reader, first)

    def test_it_must_not_be_pending(self, reader: Reader) -> None:
        self.refused(reader, reader.posts(SIX_LINKS).json["comment"]["id"])

    @pytest.mark.parametrize("parent", [0, -1, 2**53, "1", 1.0, True])
    def test_it_must_be_an_id(self, reader: Reader, parent: object) -> None:
        posted(reader)
        answer = reader.posts("Reply.", parent=parent)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["parent"]

    def test_a_page_id_names_the_thread_of_its_parent_too(self, reader: Reader) -> None:
        first = posted(reader, id="article-7")
        assert reader.posts("Reply.", parent=first, id="article-7").status_code == 201


def test_a_reply_stands_right_behind_its_parents_subtree(reader: Reader) -> None:
    first, second = posted(reader), posted(reader)
    a = posted(reader, parent=first)
    b = posted(reader, parent=first)
    aa = posted(reader, parent=a)
    ba = posted(reader, parent=b)
    ab = posted(reader, parent=a)
    aaa = posted(reader, parent=aa)
    c = posted(reader, parent=first)
    order = [comment["id"] for comment in reader.sees()["comments"]]
    assert order == [first, a, aa, aaa, ab, b, ba, c, second]
    newest = [comment["id"] for comment in reader.sees(sort="newest")["comments"]]
    assert newest == [second, first, a, aa, aaa, ab, b, ba, c]  # replies stay in the order of the conversation


def test_a_conversation_may_go_on_to_any_depth(reader: Reader) -> None:
    chain = [posted(reader)]
    for _ in range(60):
        chain.append(posted(reader, parent=chain[-1]))
    seen = all_below(reader, chain[0])
    assert [comment["id"] for comment in seen] == chain[1:]
    assert [comment["parent"] for comment in seen] == chain[:-1]
    assert [comment["depth"] for comment in seen] == [1, 2, 3, 4, *[5] * 56]
    (root,) = (comment for comment in reader.sees()["comments"] if comment["parent"] is None)
    assert root["replies"] == 60


@pytest.mark.parametrize("depth", [0, 1, 6])
def test_how_deep_replies_are_indented_is_the_sites_choice(reader: Reader, operator: Operator, depth: int) -> None:
    last = posted(reader)
    for _ in range(8):
        last = posted(reader, parent=last)
    operator.runs("site", "set", "blog", "--depth", depth)
    seen = reader.sees()
    assert [comment["depth"] for comment in seen["comments"]] == [min(level, depth) for level in range(9)]
    assert seen["site"]["depth"] == depth


@pytest.mark.parametrize("seed", range(3))
def test_any_tree_of_replies_is_shown_in_the_order_of_the_conversation(reader: Reader, seed: int) -> None:
    dice = random.Random(seed)
    replies: dict[int | None, list[int]] = defaultdict(list)
    ids: list[int] = []
    for _ in range(45):
        parent = dice.choice([None, *ids, *ids[-5:]]) if ids else None
        ids.append(posted(reader, parent=parent))
        replies[parent].append(ids[-1])

    def walked(parent: int) -> list[int]:
        return [each for reply in replies[parent] for each in (reply, *walked(reply))]

    roots = [comment for comment in reader.sees()["comments"] if comment["parent"] is None]
    assert [root["id"] for root in roots] == replies[None]
    for root in roots:
        seen = all_below(reader, root["id"])
        assert [comment["id"] for comment in seen] == walked(root["id"])
        assert {comment["id"]: comment["replies"] for comment in [root, *seen]} == {
            each: len(walked(each)) for each in [root["id"], *walked(root["id"])]
        }


def test_the_replies_of_a_reply_can_be_asked_for(reader: Reader) -> None:
    first = posted(reader)
    a, b = posted(reader, parent=first), posted(reader, parent=first)
    aa = posted(reader, parent=a)
    posted(reader, parent=b)
    assert [comment["id"] for comment in all_below(reader, a)] == [aa]


class TestPlaceholder:
    """A comment that is no longer published keeps its place while replies below it are."""

    def test_it_tells_neither_its_text_nor_its_author(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader, "A secret.", author={"name": "Ann", "website": "https://ann.example"})
        reply = posted(reader, "Reply.", parent=first, author={"name": "Bob"})
        operator.deletes(first)
        seen = reader.sees()
        gone, left = seen["comments"]
        assert (gone["id"], gone["state"], gone["author"], gone["html"]) == (first, "deleted", None, "")
        assert (gone["number"], gone["replies"]) == (1, 1)
        assert (left["id"], left["state"], left["author"]["name"]) == (reply, "published", "Bob")
        assert seen["page"]["count"] == 1
        assert "secret" not in str(seen)
        assert "nn" not in str(gone["author"])

    def test_it_goes_with_its_last_reply(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader)
        reply = posted(reader, parent=first)
        deepest = posted(reader, parent=reply)
        operator.deletes(first)
        operator.deletes(reply)
        assert [comment["state"] for comment in reader.sees()["comments"]] == ["deleted", "deleted", "published"]
        operator.deletes(deepest)
        assert reader.sees()["comments"] == []

    def test_it_comes_back_with_a_reply_that_is_published_again(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader)
        reply = posted(reader, parent=first)
        operator.deletes(reply, first)
        operator.approves(reply)
        assert [(comment["id"], comment["state"]) for comment in reader.sees()["comments"]] == [
            (first, "deleted"),
            (reply, "published"),
        ]

    def test_it_does_not_tell_readers_that_it_was_taken_for_spam(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader, "A secret.")
        posted(reader, parent=first)
        operator.runs("comment", "spam", first)
        seen = reader.sees()["comments"][0]
        assert (seen["state"], seen["author"], seen["html"]) == ("pending", None, "")

    def test_without_replies_nothing_is_left(self, reader: Reader, operator: Operator) -> None:
        operator.deletes(posted(reader))
        seen = reader.sees()
        assert (seen["comments"], seen["page"]["count"]) == ([], 0)

    def test_its_replies_can_be_asked_for(self, reader: Reader, operator: Operator) -> None:
        first = posted(reader)
        reply = posted(reader, parent=first)
        operator.deletes(first)
        assert [comment["id"] for comment in all_below(reader, first)] == [reply]
