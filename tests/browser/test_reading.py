"""Reading at length: parts, permalinks, folding, sorting, phones, and comments that come meanwhile."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Service, Visit, await_that

PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
MINUTE = 60_000


def ids(thread: Locator | Page) -> list[int]:
    """Return the ids of the comments that are shown, from top to bottom."""
    shown = thread.get_by_role("article").evaluate_all("all => all.map(article => article.id)")
    return [int(name.removeprefix("comment-")) for name in shown]


def shows(page: Page, wanted: list[int]) -> None:
    """Wait until just these comments are shown, from top to bottom."""
    with suppress(AssertionError):
        await_that(lambda: ids(page) == wanted)
    assert ids(page) == wanted


def polls(visit: Visit) -> int:
    """Return how often new comments were asked for."""
    return sum("since=" in url for url in visit.requests)


def clocked(page: Page) -> None:
    """Give the page a clock that a test turns."""
    page.clock.install()


@pytest.fixture(scope="module")
def long_page(service: Service) -> tuple[str, list[int]]:
    """A thread of 56 top-level comments; their ids."""
    address = service.hosts("very-long")
    return address, [service.posts(address, f"Response {number}.")["id"] for number in range(1, 57)]


@pytest.fixture(scope="module")
def deep_page(service: Service) -> tuple[str, int, list[int]]:
    """A thread with one comment that has 56 replies, and one after it; the first one's id, the replies' ids."""
    address = service.hosts("very-deep")
    root = service.posts(address, "What do you think?")["id"]
    replies = [service.posts(address, f"Reply {number}.", parent=root)["id"] for number in range(56)]
    service.posts(address, "Something else.")
    return address, root, replies


def test_a_link_to_a_number_opens_the_part_where_it_stands(visit: Visit, long_page: tuple[str, list[int]]) -> None:
    address, all_ids = long_page
    page = visit.opens(f"{address}#response-55")
    expect(page.locator(f"#comment-{all_ids[54]}[data-linked]")).to_be_focused()
    expect(page.locator(f"#comment-{all_ids[54]}")).to_be_in_viewport()
    shows(page, all_ids[54:])
    page.get_by_role("button", name="Show earlier responses").click()
    expect(page.locator(f"#comment-{all_ids[4]}")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("50 more comments.")
    page.get_by_role("button", name="Show earlier responses").click()
    expect(page.get_by_role("article")).to_have_count(56)
    expect(page.get_by_role("button", name=re.compile("earlier|more"))).to_have_count(0)
    shows(page, all_ids)
    assert len([url for url in visit.requests if "/api/v1/thread" in url]) == 3


def test_a_part_can_be_followed_to_both_ends(visit: Visit, long_page: tuple[str, list[int]]) -> None:
    address, all_ids = long_page
    page = visit.opens(f"{address}#comment-{all_ids[3]}")
    shows(page, all_ids[3:53])
    page.get_by_role("button", name="Show more responses").click()
    expect(page.locator(f"#comment-{all_ids[53]}")).to_be_focused()
    page.get_by_role("button", name="Show earlier responses").click()
    expect(page.locator(f"#comment-{all_ids[0]}")).to_be_focused()
    shows(page, all_ids)


def test_an_address_that_changes_loads_what_it_points_at(visit: Visit, long_page: tuple[str, list[int]]) -> None:
    address, all_ids = long_page
    page = visit.opens(address)
    expect(page.get_by_role("article")).to_have_count(50)
    shows(page, all_ids[:50])
    page.evaluate("location.hash = '#response-3'")
    expect(page.locator(f"#comment-{all_ids[2]}")).to_be_focused()
    shows(page, all_ids[:50])
    page.evaluate("location.hash = '#response-54'")
    expect(page.locator(f"#comment-{all_ids[53]}")).to_be_focused()
    shows(page, all_ids[53:])
    expect(page.locator("[data-linked]")).to_have_count(1)


@pytest.mark.slow
def test_a_link_to_a_far_reply_shows_it_and_what_stands_between(
    visit: Visit, deep_page: tuple[str, int, list[int]]
) -> None:
    address, root, replies = deep_page
    page = visit.opens(f"{address}#comment-{replies[54]}")
    expect(page.locator(f"#comment-{replies[54]}[data-linked]")).to_be_focused()
    assert ids(page)[:-1] == [root, *replies[54:]]
    page.get_by_role("button", name="Show earlier replies").click()
    expect(page.locator(f"#comment-{replies[0]}")).to_be_focused()
    assert ids(page)[:-1] == [root, *replies[:50], *replies[54:]]
    page.get_by_role("button", name="Show earlier replies").click()
    expect(page.locator(f"#comment-{replies[50]}")).to_be_focused()
    assert ids(page)[:-1] == [root, *replies]
    expect(page.get_by_role("button", name="Show earlier replies")).to_have_count(0)


def test_a_link_to_a_comment_that_is_gone_shows_the_thread(visit: Visit, service: Service) -> None:
    address = service.hosts("gone")
    service.posts(address, "Still here.")
    page = visit.opens(f"{address}#comment-987654")
    expect(page.get_by_text("Still here.")).to_be_visible()


def test_a_comment_can_be_linked_to_by_its_number_and_by_its_time(visit: Visit, service: Service) -> None:
    address = service.hosts("linkable")
    comment = service.posts(address, "Cite me.")
    page = visit.opens(address)
    article = page.get_by_role("article")
    article.get_by_role("link", name="1", exact=True).click()
    assert page.url == f"{address}#response-1"
    expect(page.locator(f"#comment-{comment['id']}[data-linked]")).to_be_focused()
    article.get_by_role("time").click()
    assert page.url == f"{address}#comment-{comment['id']}"


def test_replies_are_folded_away_and_shown_again_by_keyboard(visit: Visit, service: Service) -> None:
    address = service.hosts("folding")
    root = service.posts(address, "A question.", author={"name": "Ann"})["id"]
    reply = service.posts(address, "An answer.", parent=root)["id"]
    service.posts(address, "To the answer.", parent=reply)
    page = visit.opens(address)
    button = page.get_by_role("button", name="Fold the replies to Ann")
    expect(button).to_have_attribute("aria-expanded", "true")
    button.press("Enter")
    folded = page.get_by_role("button", name="Show 2 replies")
    expect(folded).to_be_focused()
    expect(folded).to_have_attribute("aria-expanded", "false")
    shows(page, [root])
    folded.press("Space")
    expect(button).to_be_focused()
    expect(page.get_by_role("article")).to_have_count(3)
    button.click()
    page.evaluate(f"location.hash = '#comment-{reply}'")  # what is linked to is not left folded away
    expect(page.locator(f"#comment-{reply}")).to_be_focused()


def test_the_sort_is_the_readers_choice_and_remembered_from_then_on(visit: Visit, service: Service) -> None:
    address = service.hosts("sorted")
    first, second, third = (service.posts(address, f"Comment {place}.")["id"] for place in range(3))
    for reader in range(3):
        service.acts("PUT", f"comments/{second}/vote", f"{reader:043d}", value=1)
    page = visit.opens(address)
    sort = page.get_by_role("combobox", name="Sort by")
    expect(page.get_by_role("article")).to_have_count(3)
    shows(page, [first, second, third])
    assert page.evaluate("localStorage.length") == 0
    sort.select_option("Newest first")
    expect(page.get_by_role("article").first).to_have_id(f"comment-{third}")
    shows(page, [third, second, first])
    expect(page.get_by_label(re.compile("^Name"))).to_have_value("")
    page.reload()
    expect(sort).to_have_value("newest")
    expect(page.get_by_role("article").first).to_have_id(f"comment-{third}")
    shows(page, [third, second, first])
    sort.select_option("Best first")
    expect(page.get_by_role("article").first).to_have_id(f"comment-{second}")
    assert len(page.evaluate("Object.keys(localStorage)")) == 1


def test_the_owner_chooses_the_first_sort_and_one_comment_needs_none(visit: Visit, service: Service) -> None:
    body = '<afterword-thread sort="newest"></afterword-thread>{tag}'
    address = service.hosts("newest", body)
    first = service.posts(address, "First.")["id"]
    page = visit.opens(address)
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("combobox")).to_have_count(0)
    second = service.posts(address, "Second.")["id"]
    page.reload()
    expect(page.get_by_role("combobox", name="Sort by")).to_have_value("newest")
    shows(page, [second, first])


def test_what_is_typed_survives_another_sort(visit: Visit, service: Service) -> None:
    address = service.hosts("resorted")
    for place in range(2):
        service.posts(address, f"Comment {place}.")
    page = visit.opens(address)
    page.get_by_role("textbox", name="Your comment").fill("In the middle of")
    page.get_by_role("button", name="Reply to Ben").first.click()
    page.keyboard.type("In reply")
    page.get_by_role("combobox", name="Sort by").select_option("Newest first")
    expect(page.get_by_role("article").first).to_contain_text("Comment 1.")
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("In the middle of")
    expect(page.get_by_role("textbox", name="Your reply to Ben")).to_have_value("In reply")


def test_best_is_no_sort_where_nobody_votes(visit: Visit, service: Service) -> None:
    address = service.hosts("voteless")
    for place in range(2):
        service.posts(address, f"Comment {place}.")
    service.runs("site", "set", "news", "--votes", "off")
    try:
        page = visit.opens(address)
        expect(page.get_by_role("option")).to_have_text(["Oldest first", "Newest first"])
        expect(page.get_by_role("button", name=re.compile("Vote"))).to_have_count(0)
        service.runs("site", "set", "news", "--votes", "up")
        page.reload()
        expect(page.get_by_role("button", name="Vote up the comment by Ben")).to_have_count(2)
        expect(page.get_by_role("button", name=re.compile("Vote down"))).to_have_count(0)
    finally:
        service.runs("site", "set", "news", "--votes", "both")


@pytest.mark.parametrize("visit", [PHONE, {}], indirect=True, ids=["phone", "desktop"])
def test_on_a_phone_a_reply_says_what_it_answers_instead_of_standing_inside(
    visit: Visit, service: Service, request: pytest.FixtureRequest
) -> None:
    phone = "[phone]" in request.node.name
    address = service.hosts(f"flat-{phone}")
    root = service.posts(address, "A question.", author={"name": "Ann"})["id"]
    reply = service.posts(address, "An answer.", parent=root)["id"]
    last = service.posts(address, "To the answer.", parent=reply)["id"]
    page = visit.opens(address)
    lefts = page.get_by_role("article").evaluate_all("all => all.map(article => article.getBoundingClientRect().left)")
    assert (len(set(lefts)) == 1) is phone
    expect(page.get_by_role("link", name="in reply to 1")).to_have_count(int(phone))
    expect(page.get_by_role("link", name="in reply to Ben")).to_have_count(int(phone))
    if phone:
        page.get_by_role("link", name="in reply to Ben").click()
        expect(page.locator(f"#comment-{reply}")).to_be_focused()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert ids(page)[-1] == last


def test_below_the_deepest_place_a_reply_says_what_it_answers(visit: Visit, service: Service) -> None:
    address = service.hosts("deepest")
    parent = None
    for name in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal"):
        fields = {"parent": parent} if parent else {}
        parent = service.posts(address, f"{name} was here.", author={"name": name}, **fields)["id"]
    page = visit.opens(address)
    depth = service.thread(address)["site"]["depth"]
    expect(page.get_by_role("link", name=re.compile("in reply to"))).to_have_count(7 - depth)
    expect(page.get_by_role("link", name="in reply to Gus")).to_be_visible()


def test_new_comments_are_announced_move_nothing_and_go_where_they_belong(visit: Visit, service: Service) -> None:
    address = service.hosts("lively")
    first = service.posts(address, "One.", author={"name": "Ann"})["id"]
    second = service.posts(address, "Two.")["id"]
    page = visit.opens(address, prepare=clocked)
    expect(page.get_by_role("article")).to_have_count(2)
    before = page.get_by_role("textbox", name="Your comment").bounding_box()
    reply = service.posts(address, "To one.", parent=first)["id"]
    third = service.posts(address, "Three.")["id"]
    page.clock.fast_forward(31_000)
    news = page.get_by_role("button", name="2 new comments")
    expect(news).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("2 new comments")
    shows(page, [first, second])
    assert page.get_by_role("textbox", name="Your comment").bounding_box() == before
    news.click()
    expect(page.locator(f"#comment-{reply}[data-new]")).to_be_focused()
    shows(page, [first, reply, second, third])
    expect(page.get_by_role("heading", name="4 responses")).to_be_visible()
    expect(news).to_have_count(0)


@pytest.mark.slow
def test_new_comments_of_a_long_thread_are_counted_and_found(visit: Visit, service: Service) -> None:
    address = service.hosts("long-and-lively")
    first, *_ = (service.posts(address, f"Comment {place}.")["id"] for place in range(60))
    page = visit.opens(address, prepare=clocked)
    expect(page.get_by_role("article")).to_have_count(50)
    page.get_by_role("textbox", name="Your comment").fill("My own is not new to me.")
    page.get_by_label(re.compile("^Name")).fill("Ann")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_role("heading", name="61 responses")).to_be_visible()
    last = service.posts(address, "The last one.")["id"]
    reply = service.posts(address, "To the first.", parent=first)["id"]
    page.clock.fast_forward(31_000)
    page.get_by_role("button", name="2 new comments").click()
    expect(page.locator(f"#comment-{reply}[data-new]")).to_be_focused()
    expect(page.get_by_role("heading", name="63 responses")).to_be_visible()
    assert ids(page)[:2] == [first, reply]
    assert ids(page)[-1] == last
    page.get_by_role("button", name="Show more responses").click()
    expect(page.get_by_role("article")).to_have_count(63)
    assert len(set(ids(page))) == 63


def test_nothing_is_asked_for_behind_the_readers_back(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("hidden"), prepare=clocked)
    look = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); " + (
        "document.dispatchEvent(new Event('visibilitychange', { bubbles: true })) }"
    )
    page.evaluate(look, True)
    page.clock.fast_forward(60 * MINUTE)
    assert polls(visit) == 0
    with page.expect_response(re.compile("since=")):
        page.evaluate(look, False)
        page.clock.fast_forward(1)
    visit.context.set_offline(True)
    await_that(lambda: not page.evaluate("navigator.onLine"))
    page.clock.fast_forward(60 * MINUTE)
    assert polls(visit) == 1
    with page.expect_response(re.compile("since=")):  # at once: what was due is long past
        visit.context.set_offline(False)
        await_that(lambda: bool(page.evaluate("navigator.onLine")))


def test_what_has_not_changed_is_not_sent_again(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("unchanged"), prepare=clocked)
    statuses = []
    for pause in (31, 46):
        with page.expect_response(re.compile("since=")) as answer:
            page.clock.fast_forward(pause * 1000)
        answer.value.finished()
        statuses.append(answer.value.all_headers().get("etag"))
    assert statuses[0] is not None
    assert statuses[0] == statuses[1]
