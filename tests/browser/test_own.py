"""A reader's own: changing, deleting, having back, votes, reports, taking along, being forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Service, Visit, await_that

KEPT = "JSON.stringify(Object.entries(localStorage))"
LINKS = " ".join(f"https://example.org/{number}" for number in range(6))


def body(page: Page) -> Locator:
    """Return the field of the form under the thread."""
    return page.get_by_role("textbox", name="Your comment")


def writes(page: Page, text: str) -> Locator:
    """Post a comment as Ann and return its article."""
    body(page).fill(text)
    page.get_by_label(re.compile("^Name")).fill("Ann")
    page.get_by_role("button", name="Send comment").click()
    article = page.get_by_role("article", name="Ann").last
    expect(article.get_by_role("button", name="Delete your comment")).to_be_visible()
    return article


def html(service: Service, address: str) -> list[str]:
    """Return what all readers see of a thread."""
    return [comment["html"] for comment in service.thread(address)["comments"]]


def test_an_own_comment_is_changed_in_its_place(visit: Visit, service: Service) -> None:
    address = service.hosts("changed")
    page = visit.opens(address)
    article = writes(page, "A *fine* clock.")
    article.get_by_role("button", name="Edit your comment").click()
    field = page.get_by_role("textbox", name="Edit your comment")
    expect(field).to_be_focused()
    expect(field).to_have_value("A *fine* clock.")
    field.fill("A **very** fine clock.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_have_text("Your comment was changed.")
    expect(article).to_be_focused()
    expect(article.locator("strong")).to_have_text("very")
    expect(article.get_by_text("edited")).to_be_visible()
    assert html(service, address) == ["<p>A <strong>very</strong> fine clock.</p>"]
    assert "very" not in page.evaluate(KEPT)


def test_what_was_changed_and_deleted_shows_so_though_the_thread_is_behind(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("behind"))
    writes(page, "A clock.")
    writes(page, "A bell.")
    behind: list[str] = []

    def stale(route: Route) -> None:
        # as a replica answers that does not move on
        behind.append(behind[0] if behind else route.fetch().text())
        route.fulfill(body=behind[-1], content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/api/v1/thread?**", stale)
    page.reload()
    articles = page.get_by_role("article", name="Ann")
    articles.first.get_by_role("button", name="Edit your comment").click()
    page.get_by_role("textbox", name="Edit your comment").fill("Two clocks.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_have_text("Your comment was changed.")
    page.reload()
    expect(articles.first).to_contain_text("Two clocks.")
    expect(articles.first.get_by_text("edited")).to_be_visible()
    articles.last.get_by_role("button", name="Delete your comment").click()
    expect(page.get_by_text("A bell.")).to_have_count(0)
    with page.expect_response("**/api/v1/thread?**"):
        page.get_by_role("combobox", name="Sort by").select_option("Newest first")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_text("A bell.")).to_have_count(0)
    assert "A bell." in behind[-1]
    assert "Two clocks" not in behind[-1]


def test_a_change_that_is_left_gives_the_focus_back_and_keeps_the_text(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("left"))
    article = writes(page, "A clock.")
    edit = article.get_by_role("button", name="Edit your comment")
    edit.click()
    page.keyboard.type(" Or two.")
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()
    expect(article).to_contain_text("A clock.")
    page.reload()
    expect(edit).to_be_visible()
    expect(page.get_by_role("textbox", name="Edit your comment")).to_have_count(0)
    edit.click()
    expect(page.get_by_role("textbox", name="Edit your comment")).to_have_value("A clock. Or two.")


def test_a_change_goes_on_after_a_reload_without_taking_the_focus(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("going-on"))
    writes(page, "A clock.").get_by_role("button", name="Edit your comment").click()
    page.keyboard.type(" Or thr")
    page.reload()
    expect(page.get_by_role("textbox", name="Edit your comment")).to_have_value("A clock. Or thr")
    assert page.evaluate("document.activeElement === document.body")


def test_a_change_that_is_not_taken_says_why_and_loses_nothing(visit: Visit, service: Service) -> None:
    address = service.hosts("not-taken")
    page = visit.opens(address)
    writes(page, "A clock.").get_by_role("button", name="Edit your comment").click()
    field = page.get_by_role("textbox", name="Edit your comment")
    form = page.get_by_role("form", name="Edit your comment")
    for text, said in [("", re.compile("fill")), ("a" * 10_002, "2 characters too many.")]:
        field.fill(text)
        form.get_by_role("button", name="Save").click()
        expect(field).to_be_focused()
        expect(field).to_have_accessible_description(said)
        expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("A clock, changed on a train.")
    visit.context.set_offline(True)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("That did not work. Please try again.")).to_be_visible()
    expect(field).to_have_value("A clock, changed on a train.")
    visit.context.set_offline(False)
    service.runs("page", "close", address)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Comments are closed.").first).to_be_visible()
    expect(page.get_by_label("This text was not sent.")).to_have_value("A clock, changed on a train.")
    expect(page.get_by_role("button", name=re.compile("your comment"))).to_have_count(0)


def test_a_deleted_comment_can_be_had_back_in_its_place(visit: Visit, service: Service) -> None:
    address = service.hosts("deleted")
    service.posts(address, "Before.")
    page = visit.opens(address)
    writes(page, "Rash words.").get_by_role("button", name="Delete your comment").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Your comment was deleted.")
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()
    assert html(service, address) == ["<p>Before.</p>"]
    undo.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your comment is back.")
    expect(page.get_by_role("article", name="Ann")).to_be_focused()
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    assert html(service, address) == ["<p>Before.</p>", "<p>Rash words.</p>"]


def test_a_held_comment_is_there_for_its_author_alone(visit: Visit, service: Service) -> None:
    address = service.hosts("holding")
    first = service.posts(address, "Before.")["id"]
    page = visit.opens(address)
    writes(page, LINKS)
    page.get_by_role("button", name="Reply to Ben").click()
    page.keyboard.type(LINKS + " in reply")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Held for review")).to_have_count(3)  # one of them said, two to be seen
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.locator("ol ol").get_by_role("article")).to_contain_text("Held for review")
    expect(page.get_by_role("article").last).to_contain_text("Held for review")
    assert [comment["id"] for comment in service.thread(address)["comments"]] == [first]
    page.get_by_role("button", name="Edit your comment").last.click()
    page.get_by_role("textbox", name="Edit your comment").fill("Without links.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()


def test_a_comment_can_be_changed_for_a_while_and_the_focus_is_not_moved(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("while"), prepare=lambda page: page.clock.install())
    article = writes(page, "A clock.")
    delete = article.get_by_role("button", name="Delete your comment")
    body(page).focus()
    page.clock.fast_forward(14 * 60_000)
    expect(delete).to_be_visible()
    delete.focus()
    page.clock.fast_forward(2 * 60_000)
    expect(delete).to_be_focused()
    body(page).focus()
    page.clock.fast_forward(6_000)
    expect(delete).to_have_count(0)
    expect(body(page)).to_be_focused()
    expect(article.get_by_role("button", name=re.compile("Vote"))).to_have_count(0)


def test_a_vote_counts_at_once_and_can_be_changed_and_taken_back(visit: Visit, service: Service) -> None:
    address = service.hosts("voted")
    service.posts(address, "Vote for me.")
    page = visit.opens(address)
    up = page.get_by_role("button", name="Vote up the comment by Ben")
    down = page.get_by_role("button", name="Vote down the comment by Ben")
    expect(up).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("localStorage.length") == 0
    up.press("Enter")
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(up).to_be_focused()
    expect(page.get_by_role("article")).to_contain_text("1 point")
    expect(page.get_by_role("status")).to_have_text("Your vote was counted.")
    [[name, key]] = page.evaluate("Object.entries(localStorage)")
    assert (name, len(key)) == (f"afterword:reader:{service.address}", 43)
    down.click()
    expect(page.get_by_role("article")).to_contain_text("-1 point")
    await_that(lambda: bool(service.thread(address)["comments"][0]["score"] == -1))
    page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    await_that(lambda: bool(service.thread(address)["comments"][0]["score"] == 0))


def test_a_vote_that_is_not_taken_is_rolled_back_and_says_so(visit: Visit, service: Service) -> None:
    address = service.hosts("untaken")
    service.posts(address, "Vote for me.")
    page = visit.opens(address)
    up = page.get_by_role("button", name="Vote up the comment by Ben")
    visit.context.route("**/vote", lambda route: route.abort())
    up.click()
    expect(page.get_by_role("article").get_by_text("That did not work.")).to_be_visible()
    expect(up).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("article")).not_to_contain_text("point")


def test_nobody_votes_on_or_reports_an_own_comment_and_none_on_a_closed_page(
    visit: Visit, service: Service, closed_page: str
) -> None:
    page = visit.opens(service.hosts("ownvote"))
    article = writes(page, "Mine.")
    expect(article.get_by_role("button", name=re.compile("Vote|Report"))).to_have_count(0)
    page = visit.opens(closed_page)
    expect(page.get_by_role("button", name=re.compile("Vote"))).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Report"))).to_have_count(17)


def test_a_comment_is_reported_with_a_reason(visit: Visit, service: Service) -> None:
    address = service.hosts("reported")
    service.posts(address, "Something rude.")
    page = visit.opens(address)
    report = page.get_by_role("button", name="Report the comment by Ben")
    report.press("Enter")
    reason = page.get_by_role("textbox", name="What is wrong with it?")
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(report).to_be_focused()
    report.click()
    reason.fill("Rude.")
    with page.expect_request("**/report") as sent:
        page.keyboard.press("Enter")
    assert json.loads(sent.value.post_data or "") == {"reason": "Rude."}
    expect(page.get_by_text("Thank you. The comment was reported.").first).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Thank you. The comment was reported.")


def test_own_comments_are_listed_and_taken_along(visit: Visit, service: Service, tmp_path: Path) -> None:
    page = visit.opens(service.hosts("listed"))
    expect(page.get_by_role("button", name="My comments")).to_have_count(0)
    writes(page, "To be found again.")
    page.get_by_role("button", name="My comments").click()
    panel = page.get_by_role("region", name="My comments")
    expect(panel.get_by_role("heading", name="My comments")).to_be_focused()
    link = panel.get_by_role("link", name="listed")
    expect(link).to_have_attribute("href", re.compile(r"/listed#comment-\d+$"))
    expect(panel).to_contain_text("To be found again.")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "comments.json")
    [found] = json.loads((tmp_path / "comments.json").read_text(encoding="utf-8"))["comments"]
    assert (found["body"], found["page"]["title"]) == ("To be found again.", "listed")
    panel.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="My comments")).to_be_focused()


def test_own_comments_are_erased_only_when_asked_twice(visit: Visit, service: Service) -> None:
    address = service.hosts("erased")
    page = visit.opens(address)
    writes(page, "Words to be forgotten.")
    page.get_by_role("button", name="My comments").click()
    panel = page.get_by_role("region", name="My comments")
    panel.get_by_role("button", name="Erase all my comments").click()
    expect(panel.get_by_text("Erase everything you wrote on this site for good?")).to_be_visible()
    expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name="Erase all my comments")).to_be_focused()
    assert len(html(service, address)) == 1
    panel.get_by_role("button", name="Erase all my comments").click()
    panel.get_by_role("button", name="Erase all my comments").click()
    expect(panel.get_by_text("1 comment was erased.")).to_be_focused()
    expect(page.get_by_role("heading", name="No responses yet")).to_be_visible()
    assert html(service, address) == []


def test_a_browser_forgets_when_it_is_told_to(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("forgetful"))
    article = writes(page, "I was here.")
    body(page).fill("And still am")
    page.get_by_role("button", name="My comments").click()
    page.get_by_role("button", name="Forget me in this browser").click()
    expect(page.get_by_text("This browser no longer knows your comments.")).to_be_focused()
    expect(page.get_by_label(re.compile("^Name"))).to_have_value("")
    expect(body(page)).to_have_value("")
    expect(article.get_by_role("button", name="Edit your comment")).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("button", name="My comments")).to_have_count(0)
