"""Reading: the old article's thread on a real page of another origin."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Service, Visit

PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}


def test_the_closed_thread_shows_its_numbers_its_replies_and_the_notice_and_no_form(
    visit: Visit, closed_page: str
) -> None:
    page = visit.opens(closed_page)
    thread = page.get_by_role("region", name="17 responses")
    expect(thread.get_by_role("article")).to_have_count(17)
    top_level = thread.locator("ol").first.locator("> li")
    expect(top_level).to_have_count(13)
    assert top_level.evaluate_all("items => items.map(item => item.value)") == list(range(1, 14))
    replied = [place + 1 for place, item in enumerate(top_level.all()) if item.get_by_role("article").count() == 2]
    assert replied == [4, 9, 11, 13]
    expect(thread.get_by_text("Comments are closed.")).to_be_visible()
    expect(thread.get_by_role("textbox")).to_have_count(0)
    expect(thread.get_by_role("button", name=re.compile("Reply"))).to_have_count(0)


def test_quotations_links_and_typography_come_through(visit: Visit, closed_page: str) -> None:
    page = visit.opens(closed_page)
    thread = page.get_by_role("region", name="17 responses")
    expect(thread.locator("blockquote").first).to_be_visible()
    text = thread.inner_text()
    for piece in ("“", "”", "’", "–", "—", "«friendly»", ":-)"):
        assert piece in text, piece
    bare = thread.locator("a[title^='https://example.org/']").first
    assert bare.inner_text() == "example.org/…"
    assert bare.get_attribute("rel") == "nofollow ugc noopener noreferrer"


def test_a_read_takes_two_requests_stores_nothing_and_sets_no_cookie(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("quiet"))
    expect(page.get_by_role("heading", name="No responses yet")).to_be_visible()
    asked = [url for url in visit.requests if url.startswith(service.address)]
    assert len(asked) == 2, asked
    assert [url for url in visit.requests if not url.startswith((service.address, service.host))] == []
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert visit.context.cookies() == []


def test_two_threads_on_one_page_stay_apart(visit: Visit, service: Service) -> None:
    first, second = f"{service.host}/first", f"{service.host}/second"
    service.posts(first, "Under the first.")
    service.posts(second, "Under the second.")
    body = "{tag}" + "".join(f'<afterword-thread page="{page}"></afterword-thread>' for page in (first, second))
    page = visit.opens(service.hosts("both", body))
    threads = page.locator("afterword-thread")
    expect(threads).to_have_count(2)
    expect(threads.nth(0)).to_contain_text("Under the first.")
    expect(threads.nth(1)).to_contain_text("Under the second.")
    expect(threads.nth(0)).not_to_contain_text("Under the second.")


def test_the_page_is_that_of_the_canonical_link(visit: Visit, service: Service) -> None:
    canonical = f"{service.host}/canonical"
    service.posts(canonical, "Under the canonical address.")
    link = f'<link rel="canonical" href="{canonical}">'
    page = visit.opens(service.hosts("copy", head=link) + "?utm_source=letter#top")
    expect(page.get_by_text("Under the canonical address.")).to_be_visible()


def test_a_page_of_no_registered_site_says_so(visit: Visit, service: Service) -> None:
    page = visit.opens(
        service.hosts("stray", '<afterword-thread page="https://example.net/x"></afterword-thread>{tag}'), False
    )
    expect(page.get_by_text("not registered with the comment service")).to_be_visible()


def test_a_service_that_does_not_answer_is_said_and_asked_again(visit: Visit, service: Service) -> None:
    address = service.hosts("away")
    service.posts(address, "Back again.")
    visit.context.route("**/api/v1/thread**", lambda route: route.abort())
    page = visit.opens(address, False)
    expect(page.get_by_text("The comments could not be loaded.")).to_be_visible()
    visit.context.unroute("**/api/v1/thread**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Back again.")).to_be_visible()


def test_more_responses_and_more_replies_come_when_asked_for(visit: Visit, service: Service) -> None:
    address = service.hosts("long")
    root = service.posts(address, "The one with many replies.")
    for number in range(25):
        service.posts(address, f"Reply {number}.", parent=root["id"])
    for number in range(55):
        service.posts(address, f"Response {number}.")
    page = visit.opens(address)
    expect(page.get_by_role("heading", name="81 responses")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(50 + 20)
    page.get_by_role("button", name="Show 5 more replies").click()
    expect(page.get_by_role("article")).to_have_count(50 + 25)
    page.get_by_role("button", name="Show more responses").click()
    expect(page.get_by_role("article")).to_have_count(81)
    expect(page.get_by_role("button", name=re.compile("Show"))).to_have_count(0)


@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
def test_deep_nesting_and_long_words_fit_a_phone(visit: Visit, service: Service) -> None:
    address = service.hosts("deep")
    parent = None
    for depth in range(8):
        body = "Donaudampfschifffahrtsgesellschaftskapitän" * 4 + f" {depth} https://example.org/" + "a" * 120
        parent = service.posts(address, body, **({"parent": parent} if parent else {}))["id"]
    page = visit.opens(address)
    expect(page.get_by_role("article")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    widths = [article.bounding_box()["width"] for article in page.get_by_role("article").all()]  # type: ignore[index]
    assert min(widths) > 200, widths


def test_a_link_to_a_comment_marks_and_focuses_it(visit: Visit, service: Service) -> None:
    address = service.hosts("linked")
    for number in range(30):
        wanted = service.posts(address, f"Comment {number}. " + "Word " * 60)
    page = visit.opens(f"{address}#comment-{wanted['id']}")
    article = page.locator(f"#comment-{wanted['id']}")
    expect(article).to_be_focused()
    expect(article).to_be_in_viewport()


HOSTILE = [
    "<script>window.__x = 1</script>",
    "<img src=x onerror='window.__x = 1'>",
    "[click](javascript:window.__x=1) [data](data:text/html,x) <javascript:window.__x=1>",
    "[digits](javascript:123) [tab](java\tscript:window.__x=1) [entity](javascript&colon;window.__x=1)",
    "`<svg onload=window.__x=1>` \n\n    <b onmouseover=window.__x=1>x</b>",
    "> <iframe srcdoc='<script>parent.__x=1</script>'></iframe>",
    '[quote](https://example.org/"onmouseover="window.__x=1) https://example.org/"onclick="window.__x=1',
    "</p></article></section><script>window.__x = 1</script>",
]


def test_no_script_no_handler_and_no_script_link_ever_runs(visit: Visit, service: Service) -> None:
    address = service.hosts("hostile")
    for body in HOSTILE:
        author = {"name": "<img src=x onerror=window.__x=1>", "website": "https://example.org/?\"onclick='x'"}
        service.posts(address, body, author=author)
    page = visit.opens(address)
    expect(page.get_by_role("article")).to_have_count(len(HOSTILE))
    for link in page.get_by_role("article").get_by_role("link").all():
        assert re.match(r"https?://|mailto:", str(link.evaluate("link => link.href")))
    active = """thread => [...thread.shadowRoot.querySelectorAll("*")].filter(element =>
        /^(script|img|iframe|svg|object)$/i.test(element.tagName)
        || [...element.attributes].some(attribute => /^on/i.test(attribute.name))).length"""
    assert page.locator("afterword-thread").evaluate(active) == 0
    assert page.evaluate("window.__x") is None
    expect(page.get_by_text("<script>window.__x = 1</script>").first).to_be_visible()
