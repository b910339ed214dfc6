"""What owners and their pages have: a function to put threads in and out, events, lazy loading, counts in links."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Service, Visit

HEARD = """for (const name of ['ready', 'posted', 'error'])
    addEventListener(`afterword:${name}`, ({ detail, target }) => {
        (window.heard ??= []).push([name, detail, target.localName]);
    })"""


def listening(page: Page) -> None:
    """Have a page write down what threads tell it."""
    page.add_init_script(HEARD)


def test_a_page_is_told_what_happens(visit: Visit, service: Service) -> None:
    address = service.hosts("told")
    service.posts(address, "One.")
    page = visit.opens(address, prepare=listening)
    expect(page.get_by_role("article")).to_have_count(1)
    assert page.evaluate("heard") == [["ready", {"count": 1}, "afterword-thread"]]
    page.get_by_role("textbox", name="Your comment").fill("Two.")
    page.get_by_label(re.compile("^Name")).fill("Ann")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    name, detail, _ = page.evaluate("heard")[-1]
    assert (name, detail["comment"]["html"]) == ("posted", "<p>Two.</p>")


def test_a_page_is_told_what_fails(visit: Visit, service: Service) -> None:
    address = service.hosts("astray", '<afterword-thread page="https://example.net/x"></afterword-thread>{tag}')
    page = visit.opens(address, False, listening)
    expect(page.get_by_text("not registered with the comment service")).to_be_visible()
    [[name, detail, _]] = page.evaluate("heard")
    assert (name, detail["status"]) == ("error", 404)
    assert detail["type"].endswith("/unknown-site")


def test_a_single_page_application_puts_threads_in_and_out(visit: Visit, service: Service) -> None:
    first, second = f"{service.host}/view-1", f"{service.host}/view-2"
    service.posts(first, "Under the first view.")
    service.posts(second, "Under the second view.")
    tag = f'<script async src="{service.address}/embed.js" data-page="{first}" data-mount="#view"></script>'
    page = visit.opens(service.hosts("app", f'<div id="view"></div>{tag}'))
    expect(page.get_by_text("Under the first view.")).to_be_visible()
    page.evaluate(
        """page => {
            const view = document.querySelector('#view');
            Afterword.unmount(view);
            window.left = document.querySelectorAll('afterword-thread').length;
            Afterword.mount(view, { page, theme: 'dark', sort: 'newest', lang: 'en' });
        }""",
        second,
    )
    expect(page.get_by_text("Under the second view.")).to_be_visible()
    expect(page.get_by_text("Under the first view.")).to_have_count(0)
    assert page.evaluate("left") == 0
    expect(page.locator("afterword-thread[theme=dark][sort=newest]")).to_have_count(1)
    page.evaluate("page => Afterword.mount(document.querySelector('#view'), { page, pageId: 'own' })", first)
    expect(page.get_by_role("heading", name="No responses yet")).to_be_visible()
    expect(page.locator("afterword-thread")).to_have_count(1)


def test_a_lazy_thread_is_asked_for_when_it_is_near_and_keeps_its_room(visit: Visit, service: Service) -> None:
    far = "<br>" * 300 + '<afterword-thread loading="lazy"></afterword-thread>{tag}'
    address = service.hosts("lazy", far)
    service.posts(address, "Down here.")
    page = visit.opens(address, False)
    thread = page.locator("afterword-thread")
    expect(page.get_by_text("Loading comments…")).to_be_attached()
    assert [url for url in visit.requests if "/api/" in url] == []
    box = thread.bounding_box()
    assert box is not None
    assert box["height"] > 200
    thread.scroll_into_view_if_needed()
    expect(page.get_by_text("Down here.")).to_be_visible()


def test_links_say_how_many_responses_there_are(visit: Visit, service: Service) -> None:
    one, two, none = (f"{service.host}/counted-{name}" for name in ("one", "two", "none"))
    service.posts(one, "One.")
    for place in range(2):
        service.posts(two, f"Comment {place}.")
    words = 'data-afterword-count="{count} responses" data-afterword-count-one="{count} response"'
    links = f"""<p><a data-afterword-count href="{one}#comments">Comments</a></p>
        <p><a {words} href="{one}">Comments</a></p><p><a {words} href="{two}">Comments</a></p>
        <p><a {words} data-afterword-count-0="Be the first" href="{none}">Comments</a></p>
        <p><a {words} href="https://example.net/elsewhere">Comments</a></p>
        <script async src="{service.address}/count.js"></script>"""
    page = visit.opens(service.hosts("front", links), False)
    expect(page.get_by_role("link")).to_have_text(
        ["Comments (1)", "1 response", "2 responses", "Be the first", "Comments"]
    )
    assert len([url for url in visit.requests if "/api/v1/counts" in url]) == 1
    service.posts(one, "Another.")
    page.evaluate(
        """() => {
            document.querySelector('p').after(document.querySelector('p').cloneNode(true));
            dispatchEvent(new Event('afterword:count'));
        }"""
    )
    expect(page.get_by_role("link").nth(0)).to_have_text("Comments (2)")
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]


def test_a_long_index_page_asks_in_parts_that_every_proxy_takes(visit: Visit, service: Service) -> None:
    addresses = [f"{service.host}/archive/{place}-{'a-rather-long-title-' * 4}" for place in range(100)]
    service.posts(addresses[99], "The last one.")
    service.posts(addresses[0], "By its id.", id="own-1")
    links = "".join(f'<p><a data-afterword-count href="{address}">Comments</a></p>' for address in addresses)
    links = links.replace("<a data", '<a data-page-id="own-1" data', 1)
    tag = f'<script async src="{service.address}/count.js"></script>'
    page = visit.opens(service.hosts("archive", links + tag), False)
    expect(page.get_by_role("link").last).to_have_text("Comments (1)")
    expect(page.get_by_role("link").first).to_have_text("Comments (1)")
    expect(page.get_by_role("link").nth(1)).to_have_text("Comments (0)")
    asked = [url for url in visit.requests if "/api/v1/counts" in url]
    assert max(len(url) for url in asked) < 4_000


def test_counts_that_do_not_come_leave_the_links_as_they_are(visit: Visit, service: Service) -> None:
    visit.context.route("**/counts*", lambda route: route.abort())
    tag = f'<script async src="{service.address}/count.js"></script>'
    link = f'<a data-afterword-count href="{service.host}/x">Comments</a>'
    page = visit.opens(
        service.hosts("countless", link + tag), False, lambda page: page.on("requestfailed", lambda _: None)
    )
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link")).to_have_text("Comments")
