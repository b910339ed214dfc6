"""A comment's page: all that is known of it; changing, answering, erasing it; and the way there from other pages."""

from __future__ import annotations

import pytest
from flask import Flask

from service import comments, pages
from service.people.audit import COMMAND_LINE, Actor
from service.web.admin.changes import Piece, between
from tests.api.desk import Desk, add, refused, text, tree
from tests.conftest import NOW, OTHER_ORIGIN, PAGE, Operator, Reader, fill, stored

FIELDS = {"body": "Other.", "name": "Anna", "website": "https://anna.example/"}


def row(comment_id: int) -> dict[str, object]:
    """Return a comment as it is stored."""
    return next(each for each in stored("comments") if each["id"] == comment_id)


def test_all_that_is_known_is_shown(desk: Desk, reader: Reader) -> None:
    made = reader.posts("It is *right* twice a day.", title="The clock").json["comment"]["id"]
    comments.revise(made, comments.load_revision({"body": "It is *right* once a day."}), Actor("ben", "ui"), NOW, "No.")
    comments.moderate([made], "pending", COMMAND_LINE, NOW, "Let me see.")
    page = desk.opens(f"/admin/comments/{made}")
    said = text(page)
    for part in ("Ann", "The clock", "held", "by ben", "comment.edit", "comment.hold by command line", "Let me see.",
                 "first comment", "127.0.0.0/24"):  # fmt: skip
        assert part in said, part
    assert [each.text for each in tree(page).iter("em")] == ["right"]
    (box,) = (each for each in tree(page).iter("textarea") if each.get("name") == "body")
    assert box.text == "It is *right* once a day."
    assert ([each.text for each in tree(page).iter("del")], [each.text for each in tree(page).iter("ins")]) == (
        [" twice"],
        [" once"],
    )


@pytest.mark.parametrize("comment_id", ["0", "99", "9" * 15, "9" * 30, "x", "-1"])
def test_what_is_not_there_is_not_found(desk: Desk, comment_id: str) -> None:
    desk.opens(f"/admin/comments/{comment_id}", 404)


def test_another_sites_comment_is_as_if_it_were_not_there(app: Flask, desk: Desk) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)
    add("mia", "moderator", ["other"])
    mia = Desk(app.test_client())
    mia.signs_in("mia")
    (theirs,) = fill(1)
    before = stored("comments")
    absent, foreign = mia.opens("/admin/comments/99", 404), mia.opens(f"/admin/comments/{theirs}", 404)
    assert text(absent).replace("99", "") == text(foreign).replace(str(theirs), "")
    for act, sent in (("edit", FIELDS), ("answer", {"answer": "No."}), ("erase", {"sure": "yes"}), ("erase", {})):
        refused(mia.sends(f"/admin/comments/{theirs}/{act}", page="/admin/account", **sent), 404)
    assert stored("comments") == before


class TestChanging:
    """Text, name and website, under the schema of everybody."""

    def test_it_is_changed_with_history_and_reason(self, desk: Desk) -> None:
        (made,) = fill(1)
        path = f"/admin/comments/{made}"
        answer = desk.sends(f"{path}/edit", page=path, reason="Asked for.", **FIELDS)
        assert answer.headers["Location"] == f"{path}?done=comment-changed"
        now = row(made)
        assert {name: now[name] for name in FIELDS} == FIELDS
        (entry,) = stored("audit")[-1:]
        assert (entry["verb"], entry["actor"], entry["reason"]) == ("comment.edit", "ann", "Asked for.")
        again = desk.sends(f"{path}/edit", page=path, **FIELDS)
        assert again.headers["Location"] == f"{path}?done=comment-unchanged"
        assert len(comments.history(made)) == 1

    def test_faults_are_said_at_their_fields_and_nothing_typed_is_lost(self, desk: Desk) -> None:
        (made,) = fill(1)
        typed = {"body": " ", "name": "x" * 65, "website": "javascript:alert(1)", "reason": "So <that>."}
        page = desk.sends(f"/admin/comments/{made}/edit", page=f"/admin/comments/{made}", **typed)
        assert page.status_code == 422
        fields = {each.get("id"): each for tag in ("input", "textarea") for each in tree(page).iter(tag)}
        assert (fields["name"].get("value"), fields["website"].get("value")) == (typed["name"], typed["website"])
        assert fields["edit-reason"].get("value") == typed["reason"]
        faulty = {name for name, each in fields.items() if each.get("aria-invalid")}
        assert faulty == {"body", "name", "website"}
        described = {each.get("id") for each in tree(page).iter("p") if each.get("class") == "fault"}
        assert described == {fields[name].get("aria-describedby") for name in faulty}
        assert row(made)["body"] == "Hello."
        (back,) = {each.get("value") for each in tree(page).iter("input") if each.get("name") == "back"}
        assert back == f"/admin/comments/{made}"

    def test_what_was_erased_meanwhile_stays_erased(self, desk: Desk) -> None:
        (made,) = fill(1)
        comments.wipe(made, COMMAND_LINE, NOW)
        page = desk.sends(f"/admin/comments/{made}/edit", page="/admin/account", **FIELDS)
        assert page.status_code == 409
        assert "was erased" in text(desk.opens(f"/admin/comments/{made}"))


class TestErasing:
    """For good, and only when it is meant."""

    def test_it_asks_once_more(self, desk: Desk) -> None:
        (made,) = fill(1)
        path = f"/admin/comments/{made}"
        page = desk.sends(f"{path}/erase", page=path, reason="A number.")
        refused(page, 422, "there is no way back")
        assert 'value="A number."' in page.text
        assert row(made)["body"] == "Hello."
        answer = desk.sends(f"{path}/erase", page=path, sure="yes", reason="A number.")
        assert answer.headers["Location"] == f"{path}?done=comment-erased"
        assert (row(made)["body"], row(made)["name"], row(made)["state"]) == ("", "", "deleted")
        after = text(desk.opens(path))
        assert "Erase for good" not in after
        assert "Publish" not in after


class TestAnswering:
    """With the operator's badge, where readers see what is answered."""

    def test_an_answer_is_published_with_the_badge(self, desk: Desk, reader: Reader) -> None:
        (asked,) = fill(1)
        path = f"/admin/comments/{asked}"
        answer = desk.sends(f"{path}/answer", page=path, answer="It is **not**.")
        assert answer.headers["Location"] == f"{path}?done=comment-answered"
        made = asked + 1
        seen = reader.sees()["comments"][1]
        assert (seen["id"], seen["parent"]) == (made, asked)
        assert seen["author"] == {"name": "ann", "website": None, "operator": True} or seen["author"]["operator"]
        assert reader.sees()["page"]["count"] == 2
        entry = stored("audit")[-1]
        assert (entry["verb"], entry["actor"], entry["comment_id"]) == ("comment.answer", "ann", made)
        assert "not" not in entry["details"]
        assert "Operator" in text(desk.opens(f"/admin/comments/{made}"))

    def test_what_cannot_be_published_is_kept_in_the_form(self, desk: Desk) -> None:
        (asked,) = fill(1)
        path = f"/admin/comments/{asked}"
        long = "x" * 10_001
        page = desk.sends(f"{path}/answer", page=path, answer=long)
        refused(page, 422, "10,000 characters")
        assert long in page.text
        refused(desk.sends(f"{path}/answer", page=path, answer=" "), 422, "Please write something")
        assert len(stored("comments")) == 1

    def test_a_closed_page_takes_no_answer(self, desk: Desk, operator: Operator) -> None:
        (asked,) = fill(1)
        token_page = f"/admin/comments/{asked}"
        operator.closes(PAGE)
        refused(desk.sends(f"{token_page}/answer", page=token_page, answer="No."), 403)
        assert "The page is closed" in text(desk.opens(token_page))
        assert len(stored("comments")) == 1

    def test_what_no_reader_sees_is_not_answered(self, desk: Desk) -> None:
        (asked,) = fill(1)
        comments.moderate([asked], "pending", COMMAND_LINE, NOW)
        path = f"/admin/comments/{asked}"
        assert desk.sends(f"{path}/answer", page=path, answer="No.").status_code == 409
        assert len(stored("comments")) == 1

    def test_the_command_line_answers_too(self, app: Flask, operator: Operator, reader: Reader) -> None:
        (asked,) = fill(1)
        given = ("comment", "answer", asked, "--name", "The editor", "--body-file", "-")
        assert operator.tries(*given, typed="Thank you.").output == f"Comment 2 answers comment {asked}.\n"
        assert reader.sees()["comments"][1]["author"]["name"] == "The editor"
        assert operator.tries(*given, typed=" ").exit_code == 1


class TestWayThere:
    """Links on pages of a site, which browsers follow without the session's cookie."""

    @pytest.mark.parametrize("path", ["/admin/comments/1", "/admin/queue?view=all&page=1", "/admin/queue?author=7"])
    def test_the_hop_leads_there(self, app: Flask, desk: Desk, path: str) -> None:
        fill(1)
        hop = desk.client.get("/admin/go", query_string={"to": path}, headers={"Sec-Fetch-Site": "cross-site"})
        assert hop.status_code == 200
        (link,) = (each.get("href") for each in tree(hop).iter("a") if "Go on" in "".join(each.itertext()))
        assert link == path
        assert desk.opens(link, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200
        without = Desk(app.test_client()).client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert without.headers["Location"].startswith("/admin/go?to=")


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("a b c", "a b c", ["same"]),
        ("a b c", "a x c", ["same", "gone", "new", "same"]),
        ("a b", "a b c", ["same", "new"]),
        ("a b c", "a", ["same", "gone"]),
        ("", "a", ["new"]),
        ("a " * 2_000, "b " * 2_000, ["gone", "new"]),
        ("a " * 900, "a " * 800, ["gone", "new"]),  # too many equal words to be compared
    ],
)
def test_versions_are_compared_by_words_and_nothing_of_them_is_lost(before: str, after: str, kinds: list[str]) -> None:
    pieces: list[Piece] = between(before, after)
    assert [piece.kind for piece in pieces] == kinds
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after
