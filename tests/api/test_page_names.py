"""What a page is called and where it is: told by comments that everybody sees, and set by operators."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import TimeMachineFixture

from service import pages
from service.errors import Invalid, NotFound
from service.people import operators, tokens
from service.people.audit import COMMAND_LINE
from service.policy import bans
from tests.api.desk import Desk, add, text
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, PAGE, Operator, Reader, fill, stored

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


@pytest.mark.usefixtures("app")
class TestDescribe:
    """What operators set."""

    @pytest.fixture(autouse=True)
    def _page(self, app: Flask) -> None:
        fill(1)

    def test_readers_see_it_at_once_and_the_log_has_it(self, reader: Reader) -> None:
        before = reader.sees()["page"]
        place = pages.describe(1, " The  clock ", f"{PAGE}/index.html", NOW, COMMAND_LINE)
        seen = reader.sees()["page"]
        assert (seen["title"], seen["url"]) == ("The clock", f"{PAGE}/index.html") == (place.page.title, place.url)
        assert seen["version"] == before["version"] + 1
        (entry,) = [each for each in stored("audit") if each["verb"] == "page.describe"]
        assert (entry["page_id"], entry["site_id"], entry["subject"]) == (1, 1, PAGE)
        assert json.loads(entry["details"]) == {"title": ["", "The clock"], "url": [PAGE, f"{PAGE}/index.html"]}

    def test_what_changes_nothing_is_not_recorded(self, reader: Reader) -> None:
        before = reader.sees()["page"]
        pages.describe(1, "", PAGE, NOW, COMMAND_LINE)
        pages.describe(1, None, None, NOW, COMMAND_LINE)
        assert reader.sees()["page"] == before
        assert [each for each in stored("audit") if each["verb"] == "page.describe"] == []

    def test_a_comment_does_not_change_what_an_operator_set(self, reader: Reader, operator: Operator) -> None:
        operator.runs("rules", "set", "blog", "hold_words=viagra")
        reader.posts("Viagra.", page=ODD, id="42")
        pages.describe(2, None, f"{ORIGIN}/right", NOW, COMMAND_LINE)
        reader.posts("Fine.", page=ODD, id="42", title="The clock")
        assert (reader.sees(id="42")["page"]["url"], reader.sees(id="42")["page"]["count"]) == (f"{ORIGIN}/right", 1)

    @pytest.mark.parametrize(
        "url", ["", "clock", f"{ORIGIN}/other", f"{OTHER_ORIGIN}/clock", "https://nobody.example/clock", "javascript:0"]
    )
    def test_an_address_means_the_same_page(self, url: str) -> None:
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        with pytest.raises(Invalid) as caught:
            pages.describe(1, "The clock", url, NOW, COMMAND_LINE)
        assert set(caught.value.fields) == {"url"}
        assert stored("pages")[0]["title"] == ""

    def test_that_of_a_page_with_an_id_is_any_of_its_site(self, reader: Reader) -> None:
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        reader.posts(id="42")
        assert pages.describe(2, None, f"{ORIGIN}/moved", NOW, COMMAND_LINE).url == f"{ORIGIN}/moved"
        with pytest.raises(Invalid):
            pages.describe(2, None, f"{OTHER_ORIGIN}/moved", NOW, COMMAND_LINE)

    def test_a_title_has_a_bound(self) -> None:
        with pytest.raises(Invalid):
            pages.describe(1, "x" * 301, None, NOW, COMMAND_LINE)
        with pytest.raises(NotFound):
            pages.describe(4711, "The clock", None, NOW, COMMAND_LINE)

    def test_by_a_token(self, client: FlaskClient, clock: TimeMachineFixture) -> None:
        operators.add("olga", "owner", None, COMMAND_LINE, NOW)
        key = tokens.make("olga", "test", operators.SCOPES, None, COMMAND_LINE, NOW)[1]
        pages.set_closing("blog", {"days_after_last": 3}, COMMAND_LINE, NOW)
        path, headers = "/api/v1/admin/pages/1", {"Authorization": f"Bearer {key}"}
        shown = client.get(path, headers=headers).json
        assert (shown["site"], shown["url"], shown["count"], shown["closed"]) == ("blog", PAGE, 1, False)
        assert (shown["last_comment"], shown["next_change"]) == ("2026-05-14T18:20:00Z", "2026-05-17T18:20:00Z")
        assert client.patch(path, json={"title": "The clock"}, headers=headers).json["title"] == "The clock"
        assert client.patch(path, json={"url": f"{ORIGIN}/x"}, headers=headers).json["errors"].keys() == {"url"}
        assert client.patch(path, json={"key": "x"}, headers=headers).status_code == 422
        assert client.get("/api/v1/admin/pages/4711", headers=headers).status_code == 404

    def test_at_the_command_line(self, operator: Operator, reader: Reader) -> None:
        assert operator.runs("page", "set", PAGE, "--title", "The clock") == f"{PAGE} is called The clock.\n"
        assert operator.runs("page", "set", PAGE, "--title", "", "--url", f"{PAGE}/") == f"{PAGE}/ has no title.\n"
        assert operator.tries("page", "set", PAGE).exit_code == 2
        assert operator.tries("page", "set", PAGE, "--url", f"{ORIGIN}/other").exit_code == 1
        assert operator.tries("page", "set", f"{ORIGIN}/other", "--title", "x").exit_code == 1
        assert reader.sees()["page"]["url"] == f"{PAGE}/"

    def test_at_the_desk(self, app: Flask, clock: TimeMachineFixture) -> None:
        pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
        add("mia", "moderator", ["blog"])
        add("noah", "moderator", ["other"])
        desk = Desk(app.test_client())
        desk.signs_in("mia")
        answer = desk.sends("/admin/pages/1/describe", page="/admin/pages/1", title="The clock", url=f"{PAGE}/")
        assert "title and address are saved" in text(desk.opens(answer.headers["Location"]))
        assert stored("pages")[0]["title"] == "The clock"
        wrong = desk.sends("/admin/pages/1/describe", page="/admin/pages/1", title="Else", url=f"{ORIGIN}/other")
        assert (wrong.status_code, "the address of another page" in text(wrong)) == (422, True)
        assert 'value="Else"' in wrong.text
        other = Desk(app.test_client())
        other.signs_in("noah")
        sent = other.sends("/admin/pages/1/describe", page="/admin/pages", title="Mine", url=PAGE)
        assert (sent.status_code, stored("pages")[0]["title"]) == (404, "The clock")
