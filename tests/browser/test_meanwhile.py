"""What crosses each other: answers that come late, elements that go and return, a page that closes, second thoughts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Service, Visit, await_that
from tests.browser.test_reading import clocked, ids, polls, shows

LINKS = " ".join(f"https://example.org/{number}" for number in range(6))
FOCUSED = """() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active?.localName;
}"""


def writes(page: Page, text: str) -> None:
    """Post a comment as Ann."""
    page.get_by_role("textbox", name="Your comment").fill(text)
    page.get_by_label(re.compile("^Name")).last.fill("Ann")
    page.get_by_role("button", name="Send comment").click()


def change(page: Page) -> Locator:
    """Return the button that deletes an own comment: there is one when the reader's own is known."""
    return page.get_by_role("button", name="Delete your comment")


def leaves(page: Page) -> None:
    """Take the thread's element out of the page."""
    page.evaluate("window.kept = document.querySelector('afterword-thread'); kept.remove()")


def returns(page: Page) -> None:
    """Put the thread's element back."""
    page.evaluate("document.querySelector('main').append(kept)")


def held_back(visit: Visit, pattern: str) -> list[Route]:
    """Hold requests back; they are found in the list that is returned."""
    held: list[Route] = []
    visit.context.route(pattern, lambda route: held.append(route))
    return held


def await_one(page: Page, held: list[Route]) -> None:
    """Wait until a request is held back. What is routed arrives only while the browser is asked something."""
    await_that(lambda: bool(page.evaluate("true")) and len(held) == 1)


def announced(visit: Visit, service: Service, name: str, before: int) -> tuple[Page, Locator]:
    """Open a page of so many comments, and let another one come; return the page and the button for it."""
    address = service.hosts(f"meanwhile-{name}")
    for place in range(before):
        service.posts(address, f"Comment {place}.")
    page = visit.opens(address, prepare=clocked)
    expect(page.get_by_role("article")).to_have_count(min(before, 50))
    service.posts(address, "By somebody else.")
    page.clock.fast_forward(31_000)
    return page, page.get_by_role("button", name="1 new comment")


@pytest.mark.parametrize("before", [2, 60])
def test_an_own_comment_in_between_hides_nobody_elses(visit: Visit, service: Service, before: int) -> None:
    page, news = announced(visit, service, f"between-{before}", before)
    expect(news).to_be_visible()
    writes(page, "My own.")
    expect(change(page)).to_be_visible()
    news.click()
    expect(page.get_by_text("By somebody else.")).to_be_visible()
    expect(page.get_by_text("My own.")).to_have_count(1)
    expect(page.get_by_role("heading", name=f"{before + 2} responses")).to_be_visible()


def test_new_comments_that_do_not_come_can_be_asked_for_again(visit: Visit, service: Service) -> None:
    page, news = announced(visit, service, "not-coming", 60)
    expect(news).to_be_visible()
    visit.context.route("**/api/v1/thread**", lambda route: route.abort())
    news.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The comments could not be loaded.")
    expect(news).to_be_focused()
    visit.context.unroute("**/api/v1/thread**")
    news.press("Enter")
    expect(page.get_by_text("By somebody else.")).to_be_visible()


def test_a_comment_that_was_held_for_long_is_announced_too(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-approved-late")
    held = service.posts(address, LINKS)["id"]
    service.posts(address, "Another.")
    page = visit.opens(address, prepare=clocked)
    expect(page.get_by_role("article")).to_have_count(1)
    service.runs("comment", "approve", str(held))
    page.clock.fast_forward(31_000)
    page.get_by_role("button", name="1 new comment").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()


def test_a_part_of_another_order_is_dropped(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-crossing")
    for place in range(60):
        service.posts(address, f"Comment {place}.")
    page = visit.opens(address)
    held = held_back(visit, "**/thread?*after*")
    page.get_by_role("button", name="Show more responses").click()
    await_one(page, held)
    page.get_by_role("combobox").select_option("newest")
    expect(page.get_by_role("article").first).to_contain_text("Comment 59.")
    with page.expect_response(re.compile("after")) as answer:
        held[0].continue_()
    answer.value.finished()
    page.get_by_role("button", name="Fold").or_(page.get_by_role("heading", level=2)).first.wait_for()
    found = ids(page)
    assert found == sorted(found, reverse=True)
    assert len(found) == 50


def test_more_can_be_asked_for_again_after_the_element_was_away(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-away")
    for place in range(55):
        service.posts(address, f"Comment {place}.")
    page = visit.opens(address)
    held = held_back(visit, "**/thread?*after*")
    page.get_by_role("button", name="Show more responses").click()
    await_one(page, held)
    leaves(page)
    visit.context.unroute("**/thread?*after*")
    returns(page)
    page.get_by_role("button", name=re.compile("Try again")).click()
    expect(page.get_by_role("article")).to_have_count(55)


def test_what_is_ones_own_is_known_after_the_element_was_away(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("meanwhile-own-away"))
    writes(page, "Mine.")
    expect(change(page)).to_be_visible()
    held = held_back(visit, "**/api/v1/reader?*")
    page.reload()
    await_one(page, held)
    leaves(page)
    visit.context.unroute("**/api/v1/reader?*")
    returns(page)
    expect(change(page)).to_be_visible()


def test_a_held_comment_stays_its_authors_through_undo_and_another_order(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-held-undone")
    first, second = (service.posts(address, f"Comment {place}.")["id"] for place in range(2))
    page = visit.opens(address)
    writes(page, LINKS)
    change(page).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_have_text("Your comment is back.")
    own = ids(page)[-1]
    page.get_by_role("combobox").select_option("newest")
    expect(page.get_by_role("article").first).to_have_id(f"comment-{own}")
    shows(page, [own, second, first])
    page.reload()
    expect(change(page)).to_be_visible()
    shows(page, [own, second, first])


@pytest.mark.parametrize("replies", [0, 1])
def test_a_deleted_comment_can_be_had_back_in_another_order_too(visit: Visit, service: Service, replies: int) -> None:
    address = service.hosts(f"meanwhile-deleted-sorted-{replies}")
    service.posts(address, "Comment.")
    page = visit.opens(address)
    writes(page, "A rash word.")
    expect(change(page)).to_be_visible()
    for _ in range(replies):
        service.posts(address, "A reply.", parent=ids(page)[-1])
    change(page).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("combobox").select_option("newest")
    expect(page.get_by_role("article").last).to_contain_text("Comment.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("A rash word.")).to_be_visible()


def test_a_page_that_closes_while_somebody_writes_keeps_text_and_focus(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-closing")
    service.posts(address, "One.")
    page = visit.opens(address)
    page.get_by_role("textbox", name="Your comment").fill("Too late.")
    page.get_by_label(re.compile("^Name")).fill("Ann")
    service.runs("page", "close", address)
    page.get_by_role("textbox", name="Your comment").press("Control+Enter")
    expect(page.get_by_text("Comments are closed.").first).to_be_visible()
    expect(page.get_by_text("Too late.")).to_be_visible()
    assert page.evaluate(FOCUSED) not in ("body", "html", None)


def test_a_closed_page_is_not_asked_for_new_comments(visit: Visit, service: Service) -> None:
    address = service.hosts("meanwhile-closed-quiet")
    service.posts(address, "One.")
    service.runs("page", "close", address)
    page = visit.opens(address, prepare=clocked)
    expect(page.get_by_role("article")).to_have_count(1)
    for _ in range(4):
        page.clock.fast_forward(310_000)
    assert polls(visit) == 0


def test_the_writing_tools_are_asked_for_again_when_they_did_not_come(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("meanwhile-tools-again"))
    visit.context.route("**/more.js*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.get_by_role("textbox", name="Your comment").focus()
    visit.context.unroute("**/more.js*")
    page.get_by_label(re.compile("^Name")).focus()
    page.get_by_role("textbox", name="Your comment").focus()
    expect(page.get_by_role("toolbar")).to_be_visible()


@pytest.mark.slow
def test_a_thread_that_was_taken_away_is_forgotten(visit: Visit, service: Service) -> None:
    address = service.hosts(
        "forgotten", '<div id="place"></div>{tag}<afterword-thread page-id="other"></afterword-thread>'
    )
    page = visit.opens(address)
    page.evaluate("Afterword.mount(document.querySelector('#place'), { page: location.href })")
    thread = page.locator("#place afterword-thread")
    thread.get_by_role("textbox", name="Your comment").fill("My own.")
    thread.get_by_label(re.compile("^Name")).fill("Ann")
    thread.get_by_role("button", name="Send comment").click()
    expect(thread.get_by_role("button", name="Delete your comment")).to_be_visible()
    page.evaluate(
        """() => {
            const place = document.querySelector('#place');
            window.gone = new WeakRef(place.querySelector('afterword-thread').shadowRoot.querySelector('section'));
            Afterword.unmount(place);
        }"""
    )
    memory: Any = visit.context.new_cdp_session(page)

    def collected() -> bool:
        memory.send("HeapProfiler.collectGarbage")
        return bool(page.evaluate("!gone.deref()"))

    await_that(collected)
