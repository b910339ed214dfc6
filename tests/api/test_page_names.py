"""What a page is called and where it is: told by comments that everybody sees, and set by operators."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.conftest import ORIGIN, PAGE, Operator, Reader, stored

ODD = f"{ORIGIN}/any/visit-casino.example"


class TestUnseen:
    """What a comment that nobody sees says of its page."""

    @pytest.fixture(params=["held", "spam", "shadow"])
    def unseen(self, request: pytest.FixtureRequest, reader: Reader, operator: Operator) -> Reader:
        """A reader whose comments are not published."""
        if request.param == "held":
            operator.runs("rules", "set", "blog", "hold_words=viagra")
        elif request.param == "spam":
            operator.runs("rules", "set", "blog", "spam_words=viagra")
        else:
            bans.add("name", "Ann", COMMAND_LINE, datetime.now(UTC), shadow=True)
        return reader

    def test_names_no_page(self, unseen: Reader) -> None:
        assert unseen.posts("Viagra.", title="Cheap watches").status_code in (201, 202)
        assert unseen.sees()["page"] == {**unseen.sees()["page"], "title": "", "version": 0}
        assert "watches" not in unseen.client.get("/thread", query_string={"page": PAGE}).text

    def test_fills_no_empty_title(self, unseen: Reader) -> None:
        other = Reader(unseen.client)
        other.posts("First.", author={"name": "Bob"})
        before = other.sees()["page"]
        unseen.posts("Viagra.", title="Cheap watches")
        assert other.sees()["page"] == before

    def test_says_no_address_of_a_page_with_an_id(self, unseen: Reader) -> None:
        unseen.posts("Viagra.", page=ODD, id="42", title="Cheap watches")
        assert unseen.sees(id="42")["page"]["url"] == PAGE
        assert unseen.sees(f"{ORIGIN}/other", id="42")["page"]["url"] == f"{ORIGIN}/other"
        Reader(unseen.client).posts("First.", id="42", author={"name": "Bob"}, title="The clock")
        seen = unseen.sees(ODD, id="42")["page"]
        assert (seen["url"], seen["title"], seen["count"]) == (PAGE, "The clock", 1)

    def test_and_another_published_one_leaves_the_address(self, reader: Reader) -> None:
        reader.posts("First.", id="42", title="The clock")
        reader.posts("Second.", page=ODD, id="42", title="Other")
        seen = reader.sees(ODD, id="42")["page"]
        assert (seen["url"], seen["title"]) == (PAGE, "The clock")


@pytest.mark.parametrize(("rule", "state"), [("hold_words=viagra", "pending"), ("spam_patterns=v[i1]agra", "spam")])
def test_the_rules_read_the_title_that_a_comment_would_give(
    reader: Reader, operator: Operator, rule: str, state: str
) -> None:
    operator.runs("rules", "set", "blog", rule)
    assert reader.posts("Hello.", title="Cheap Viagra").status_code == 202
    assert stored("comments")[0]["state"] == state
    # where the page has a title, that of the comment is nobody's concern
    reader.posts("Hello again.", title="The clock")
    assert reader.posts("And again.", title="Cheap Viagra").status_code == 201
