"""`afterword comment`: look at comments and decide on them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from service.comments import decision_store
from tests.conftest import ORIGIN, PAGE, Operator, Reader, fill, stored

SIX_LINKS = " ".join(f"https://example.org/{place}" for place in range(6))


def listed(operator: Operator, *options: object) -> list[dict[str, Any]]:
    """Return what the list says."""
    found: list[dict[str, Any]] = json.loads(operator.runs("comment", "list", "--json", *options))
    return found


def test_the_newest_come_first(operator: Operator, reader: Reader) -> None:
    for body in ("One.", "Two.", "Three."):
        reader.posts(body)
    assert [comment["body"] for comment in listed(operator)] == ["Three.", "Two.", "One."]
    assert [comment["body"] for comment in listed(operator, "--limit", 1)] == ["Three."]


def test_held_comments_are_found_with_the_rule_that_held_them(operator: Operator, reader: Reader) -> None:
    reader.posts("Published.")
    held = reader.posts(SIX_LINKS).json["comment"]["id"]
    (found,) = listed(operator, "--state", "pending")
    assert (found["id"], found["state"], found["rule"], found["page"], found["name"]) == (
        held,
        "pending",
        "many-links",
        PAGE,
        "Ann",
    )


def test_comments_of_one_site_can_be_listed(operator: Operator, reader: Reader) -> None:
    operator.runs("site", "add", "other", "https://other.example")
    fill(1)
    fill(2, page="https://other.example/x")
    assert len(listed(operator)) == 3
    assert {comment["page"] for comment in listed(operator, "--site", "other")} == {"https://other.example/x"}


def test_a_list_for_people_runs_no_terminal_commands(operator: Operator, reader: Reader) -> None:
    reader.posts("First line\n\nsecond [bold]line[/bold] :smile: " + "x" * 200, author={"name": "Ann [red]"})
    shown = operator.runs("comment", "list")
    assert "[bold]line[/bold] :smile:" in shown
    assert "Ann [red]" in shown
    assert "\x1b" not in shown


def test_everything_stored_of_a_comment_is_shown(operator: Operator, reader: Reader) -> None:
    made = reader.posts("Hello *you*.", author={"name": "Ann", "email": "ann@example.org"}).json["comment"]
    shown = json.loads(operator.runs("comment", "show", made["id"]))
    (row,) = stored("comments")
    assert set(row) <= set(shown)
    assert (shown["body"], shown["email"], shown["url"]) == ("Hello *you*.", "ann@example.org", PAGE)
    assert shown["created"] == made["created"]


@pytest.mark.parametrize(("verb", "state"), [("approve", "published"), ("spam", "spam"), ("delete", "deleted")])
def test_each_verb_gives_its_state(operator: Operator, reader: Reader, verb: str, state: str) -> None:
    held = reader.posts(SIX_LINKS).json["comment"]["id"]
    assert operator.runs("comment", verb, held) == f"1 of 1 changed: now {state}.\n"
    assert operator.runs("comment", verb, held) == f"0 of 1 changed: now {state}.\n"
    (row,) = stored("comments")
    assert (row["state"], row["rule"]) == (state, None)


def test_several_are_decided_at_once_on_several_pages(operator: Operator, reader: Reader) -> None:
    ids = [*fill(3), *fill(3, page=f"{ORIGIN}/other")]
    assert operator.runs("comment", "delete", *ids[:5], ids[0]) == "5 of 6 changed: now deleted.\n"
    assert reader.sees()["page"]["count"] == 0
    assert reader.sees(f"{ORIGIN}/other")["page"]["count"] == 1


def test_where_one_is_unknown_nothing_is_done(operator: Operator, reader: Reader) -> None:
    ids = fill(2)
    result = operator.tries("comment", "delete", *ids, 99)
    assert result.exit_code == 1
    assert "99" in result.stderr
    assert reader.sees()["page"]["count"] == 2


def test_a_comment_may_change_its_state_as_often_as_it_must(operator: Operator, reader: Reader) -> None:
    (first,) = fill(1)
    for verb, count in (("delete", 0), ("approve", 1), ("spam", 0), ("delete", 0), ("approve", 1)):
        operator.runs("comment", verb, first)
        assert reader.sees()["page"]["count"] == count
    assert reader.sees()["comments"][0]["number"] == 1


def test_what_holds_the_place_of_a_comment_with_replies_says_its_state_anew(operator: Operator, reader: Reader) -> None:
    (parent,) = fill(1)
    fill(1, parent)
    seen = []
    for verb in ("spam", "delete", "spam"):
        operator.runs("comment", verb, parent)
        seen.append((reader.sees()["comments"][0]["state"], reader.sees()["page"]["version"]))
    assert [state for state, _ in seen] == ["pending", "deleted", "pending"]
    assert [version for _, version in seen] == sorted({version for _, version in seen})


class TestErased:
    """A comment that its author deleted, and what an operator may still do with it."""

    @pytest.fixture
    def erased(self, reader: Reader, clock: TimeMachineFixture) -> int:
        """A comment that its author has just deleted."""
        comment = int(reader.posts("Regretted.").json["comment"]["id"])
        assert self.asks(reader, "DELETE", f"/{comment}") == 200
        return comment

    def asks(self, reader: Reader, method: str, path: str) -> int:
        """Send a request of the author's and return its status."""
        return reader.client.open(f"/api/v1/comments{path}", method=method, headers=reader.headers()).status_code

    def sweeps(self, operator: Operator, clock: TimeMachineFixture) -> None:
        """Let the time pass after which deleted texts are erased."""
        clock.shift(11 * 60)
        operator.runs("tidy")

    @pytest.mark.parametrize("verb", [None, "delete", "spam"])
    def test_it_is_not_published_against_its_authors_will(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, erased: int, verb: str | None
    ) -> None:
        (other,) = fill(1, page=f"{ORIGIN}/other")
        operator.deletes(other)
        if verb:
            operator.runs("comment", verb, erased)
        result = operator.tries("comment", "approve", erased)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"Error: Comment {erased} was deleted by its author")
        said = operator.runs("comment", "approve", other, erased)
        assert f"Comment {erased} is left as it is: its author has deleted it." in said
        assert (reader.sees()["page"]["count"], reader.sees(f"{ORIGIN}/other")["page"]["count"]) == (0, 1)

    def test_nor_when_its_author_deletes_it_at_that_moment(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = int(reader.posts(SIX_LINKS).json["comment"]["id"])
        sites_of = decision_store.sites_of

        def overtaken(*arguments: Any) -> Any:
            monkeypatch.setattr(decision_store, "sites_of", sites_of)
            found = sites_of(*arguments)
            assert self.asks(reader, "DELETE", f"/{held}") == 200
            return found

        monkeypatch.setattr(decision_store, "sites_of", overtaken)
        assert operator.tries("comment", "approve", held).exit_code == 1
        assert reader.sees()["comments"] == []

    @pytest.mark.parametrize("verb", ["delete", "spam"])
    def test_its_author_cannot_have_back_what_an_operator_removed(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, erased: int, verb: str
    ) -> None:
        operator.runs("comment", verb, erased)
        assert self.asks(reader, "POST", f"/{erased}/restore") == 404
        assert reader.sees()["comments"] == []
        self.sweeps(operator, clock)
        assert stored("comments")[0]["body"] == ""  # still erased, as its author wanted

    def test_had_back_by_its_author_it_is_the_operators_to_decide_on(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, erased: int
    ) -> None:
        assert self.asks(reader, "POST", f"/{erased}/restore") == 200
        operator.deletes(erased)
        assert self.asks(reader, "POST", f"/{erased}/restore") == 404
        operator.approves(erased)
        self.sweeps(operator, clock)
        assert reader.sees()["comments"][0]["html"] == "<p>Regretted.</p>"

    def test_without_its_text_it_cannot_be_published(
        self, operator: Operator, reader: Reader, clock: TimeMachineFixture, erased: int
    ) -> None:
        self.sweeps(operator, clock)
        (other,) = fill(1)
        operator.deletes(other)
        result = operator.tries("comment", "approve", erased)
        assert result.exit_code == 1
        assert f"Comment {erased} was erased" in result.stderr
        said = operator.runs("comment", "approve", other, erased)
        assert f"Comment {erased} is left as it is: its text is erased." in said
        assert reader.sees()["page"]["count"] == 1
