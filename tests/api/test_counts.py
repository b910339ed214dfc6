"""Counts: the number of published comments that a reader can reach, the same wherever it is told."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import comments, database
from service.people.audit import COMMAND_LINE
from tests.conftest import NOW, ORIGIN, PAGE, Operator, Reader, fill, statements, stored

SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def counts(reader: Reader, *pages: str) -> dict[str, int]:
    """Return what the API says of some pages."""
    answer = reader.client.get("/api/v1/counts", query_string={"page": list(pages)})
    assert answer.status_code == 200, answer.text
    assert list(answer.json) == ["counts"]
    found: dict[str, int] = answer.json["counts"]
    return found


def test_replies_count_and_what_is_held_or_deleted_does_not(reader: Reader, operator: Operator) -> None:
    first = reader.posts("One.").json["comment"]["id"]
    reader.posts("Two.", parent=first)
    reader.posts(SIX_LINKS)
    operator.deletes(reader.posts("Three.").json["comment"]["id"])
    assert counts(reader, PAGE) == {PAGE: 2}


def test_each_page_is_answered_under_the_address_that_was_asked(reader: Reader) -> None:
    reader.posts()
    spelt = f"{PAGE}/?utm_source=x#top"
    assert counts(reader, PAGE, spelt, f"{ORIGIN}/new") == {PAGE: 1, spelt: 1, f"{ORIGIN}/new": 0}


def test_addresses_of_no_registered_site_are_left_out(stranger: Reader) -> None:
    assert counts(stranger, "https://elsewhere.example/", "null", "mailto:ann@example.org", "/clock") == {}
    assert counts(stranger, "https://elsewhere.example/", PAGE) == {PAGE: 0}


def test_pages_of_several_sites_can_be_asked_for_at_once(reader: Reader, operator: Operator) -> None:
    operator.runs("site", "add", "other", "https://other.example")
    there = Reader(reader.client, "https://other.example")
    there.posts(page="https://other.example/clock")
    assert counts(reader, PAGE, "https://other.example/clock") == {PAGE: 0, "https://other.example/clock": 1}


def test_a_page_with_an_id_of_its_owners_is_counted_under_it(reader: Reader) -> None:
    reader.posts("Here.", id="art-1")
    query = {"page": [PAGE, f"{ORIGIN}/new"], "id": ["art-1", ""]}
    answer = reader.client.get("/api/v1/counts", query_string=query)
    assert answer.json == {"counts": {PAGE: 1, f"{ORIGIN}/new": 0}}
    assert counts(reader, PAGE) == {PAGE: 0}


def test_a_count_makes_no_page(stranger: Reader) -> None:
    counts(stranger, PAGE)
    assert stored("pages") == []


def test_a_hundred_pages_cost_two_queries(reader: Reader) -> None:
    asked = [f"{ORIGIN}/{place}" for place in range(100)]
    fill(3, page=asked[99])
    with statements() as sent:
        found = counts(reader, *asked)
    assert found == dict.fromkeys(asked, 0) | {asked[99]: 3}
    assert len(sent) == 2


@pytest.mark.parametrize(
    "query",
    [{}, {"page": []}, {"page": ""}, {"page": ["x"] * 101}, {"page": [PAGE, PAGE], "id": "7"}, {"page": "x" * 2_049}],
)
def test_a_query_that_is_not_understood_is_refused(stranger: Reader, query: dict[str, Any]) -> None:
    answer = stranger.client.get("/api/v1/counts", query_string=query)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")


# --- after anything that may happen, all that is told agrees

_pages = count()
ACTS = ["post", "post", "reply", "reply", "hold", "published", "spam", "deleted", "erase", "restore", "calm", "excite"]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=25)


class Model:
    """What a thread must look like, kept as simply as can be."""

    def __init__(self) -> None:
        self.parent: dict[int, int | None] = {}
        self.state: dict[int, str] = {}
        self.undo: dict[int, str] = {}

    def below(self, comment_id: int | None) -> list[int]:
        """Return all comments under one, in the order of the conversation."""
        replies = [each for each, parent in self.parent.items() if parent == comment_id]
        return [each for reply in sorted(replies) for each in (reply, *self.below(reply))]

    def replies(self, comment_id: int) -> int:
        """Count the published comments under one."""
        return sum(self.state[each] == "published" for each in self.below(comment_id))

    def shown(self) -> set[int]:
        """Return what readers see, placeholders too."""
        return {each for each in self.parent if self.state[each] == "published" or self.replies(each)}


def reached(reader: Reader, page: str) -> list[dict[str, Any]]:
    """Return every comment that a reader can reach by following all cursors."""
    found: list[dict[str, Any]] = []

    def walk(**query: Any) -> None:
        while True:
            seen = reader.sees(page, **query)
            for comment in seen["comments"]:
                found.append(comment)
                if "more" in comment:
                    cut.append((comment["id"], comment["more"]))
            if seen["next"] is None:
                return
            query["after"] = seen["next"]

    cut: list[tuple[int, str]] = []
    walk()
    for parent, after in cut:
        walk(parent=parent, after=after)
    return found


def play(reader: Reader, page: str, steps: list[tuple[str, int]]) -> Model:
    """Do the steps to a page and to a model of it: readers write and regret, an operator decides."""
    model = Model()
    for act, choice in steps:
        published = [each for each, state in model.state.items() if state == "published"]
        if act in ("post", "hold", "reply"):
            parent = published[choice % len(published)] if published and act != "post" and choice % 5 else None
            body = SIX_LINKS if act == "hold" else "Hello."
            made = reader.posts(body, page=page, parent=parent).json["comment"]
            model.parent[made["id"]] = parent
            model.state[made["id"]] = made["state"]
        elif model.state:
            chosen = list(model.state)[choice % len(model.state)]
            if act in ("published", "spam", "deleted"):
                comments.moderate([chosen], act, COMMAND_LINE, NOW)
                model.state[chosen] = act
                model.undo.pop(chosen, None)
            else:
                regret(reader, model, act, chosen)
    return model


def regret(reader: Reader, model: Model, act: str, chosen: int) -> None:
    """Let the author delete a comment, have it back, or give it a text that is published or held."""
    state = model.state[chosen]
    path, method, body = f"/api/v1/comments/{chosen}", "PATCH", None
    if act == "erase":
        method, possible, after = "DELETE", state != "deleted", "deleted"
    elif act == "restore":
        method, path, possible, after = "POST", f"{path}/restore", chosen in model.undo, model.undo.get(chosen, state)
    elif act == "calm":
        body, possible, after = {"body": "Hello."}, state != "deleted", "published" if state == "pending" else state
    else:
        body, possible, after = {"body": SIX_LINKS}, state != "deleted", "pending" if state == "published" else state
    answer = reader.client.open(path, method=method, json=body, headers=reader.headers())
    assert answer.status_code == (200 if possible else 404), (act, state)
    if possible:
        model.undo.pop(chosen, None)
        if act == "erase":
            model.undo[chosen] = state
        model.state[chosen] = after


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_all_counts_agree(app: Flask, reader: Reader, steps: list[tuple[str, int]]) -> None:
    page = f"{ORIGIN}/agreement/{next(_pages)}"
    model = play(reader, page, steps)

    found = reached(reader, page)
    published = sum(state == "published" for state in model.state.values())
    assert reader.sees(page)["page"]["count"] == published
    assert counts(reader, page) == {page: published}
    assert sum(comment["state"] == "published" for comment in found) == published

    assert sorted(comment["id"] for comment in found) == sorted(model.shown())
    for comment in found:
        assert comment["replies"] == model.replies(comment["id"])
        assert comment["parent"] == model.parent[comment["id"]]
        assert (comment["author"] is None) == (model.state[comment["id"]] != "published")

    by_root = defaultdict(list)
    for comment in found:
        if comment["parent"] is not None:
            by_root[_root(model, comment["id"])].append(comment["id"])
    for root, replies in by_root.items():
        assert replies == [each for each in model.below(root) if each in model.shown()]
    numbers = [comment["number"] for comment in found if comment["parent"] is None]
    assert None not in numbers
    assert numbers == sorted(set(numbers))


def _root(model: Model, comment_id: int) -> int:
    parent = model.parent[comment_id]
    return comment_id if parent is None else _root(model, parent)


def test_a_number_once_seen_never_changes(reader: Reader) -> None:
    ids = fill(6)
    known: dict[int, int] = {}
    for step in range(30):
        comments.moderate([ids[step * 7 % 6]], ("deleted", "published", "spam")[step % 3], COMMAND_LINE, NOW)
        if step % 4 == 0:
            reader.posts("Another.")
        for comment in reader.sees()["comments"]:
            assert known.setdefault(comment["id"], comment["number"]) == comment["number"]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM comments WHERE number IS NULL").scalar() == 0
