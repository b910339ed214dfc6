"""Reading and writing with JavaScript switched off, by keyboard; and that nothing stands in the way of anybody."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service, Visit

OFF = {"java_script_enabled": False}
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
without_javascript = pytest.mark.parametrize("visit", [OFF], indirect=True, ids=["off"])


def tabs_to(page: Page, name: str, role: str = "link") -> None:
    """Press Tab until the control of that name has the focus, and Enter."""
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    expect(wanted).to_have_count(1)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by Tab to {name}")


@without_javascript
@pytest.mark.parametrize("named", [True, False], ids=["the page in the link", "the page by the browser"])
def test_the_old_thread_is_read_by_the_link_in_noscript(
    visit: Visit, service: Service, closed_page: str, named: bool
) -> None:
    link = (
        f'{service.address}/thread?page={closed_page}">'
        if named
        else f'{service.address}/thread" referrerpolicy="unsafe-url">'
    )
    kept = service.pages["/closed.html"]
    service.pages["/closed.html"] = f'{kept}<noscript><a href="{link}Read the comments</a></noscript>'
    try:
        page = visit.opens(closed_page, await_thread=False)
        tabs_to(page, "Read the comments")
        expect(page.get_by_role("heading", name="17 responses")).to_be_visible()
    finally:
        service.pages["/closed.html"] = kept
    expect(page.get_by_role("article")).to_have_count(17)
    top_level = page.locator("ol.thread > li")
    assert top_level.evaluate_all("items => items.map(item => item.value)") == list(range(1, 14))
    replied = [place + 1 for place, item in enumerate(top_level.all()) if item.get_by_role("article").count() == 2]
    assert replied == [4, 9, 11, 13]
    expect(page.get_by_role("region", name="Comments are closed.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Reply"))).to_have_count(0)
    tabs_to(page, "Back to the page")
    expect(page).to_have_url(closed_page)
    assert [url for url in visit.requests if not url.startswith((service.address, service.host))] == []
    assert visit.context.cookies() == []


@without_javascript
def test_a_comment_and_a_reply_are_written_by_keyboard(visit: Visit, service: Service) -> None:
    address = f"{service.host}/plainly"
    page = visit.opens(f"{service.address}/thread?page={address}", await_thread=False)
    page.get_by_label("Your comment").focus()
    page.keyboard.type("A **fine** clock.")
    page.keyboard.press("Tab")
    page.keyboard.type("Ann")
    tabs_to(page, "Send comment", "button")
    first = page.get_by_role("article")
    expect(first).to_be_focused()
    expect(first.locator("strong")).to_have_text("fine")

    tabs_to(page, "Reply to Ann")
    expect(page.get_by_role("textbox", name="Your reply")).to_be_focused()
    page.keyboard.type("By ten minutes.")
    page.keyboard.press("Tab")
    page.keyboard.type("Ben")
    page.keyboard.press("Enter")
    reply = page.locator("ol.replies").get_by_role("article")
    expect(reply).to_be_focused()
    expect(reply).to_contain_text("By ten minutes.")
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()

    thread = service.thread(address)["comments"]
    assert [(comment["author"]["name"], comment["depth"]) for comment in thread] == [("Ann", 0), ("Ben", 1)]
    assert visit.context.cookies() == []


@without_javascript
def test_a_fault_is_focused_and_leads_to_its_field(visit: Visit, service: Service) -> None:
    page = visit.opens(f"{service.address}/thread?page={service.host}/faulty", await_thread=False)
    page.get_by_label("Your comment").fill("Not lost.\n\n  At all.")
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("Website").fill("no where")
    page.get_by_role("button", name="Send comment").press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    tabs_to(page, "This is not the address of a website.")
    website = page.get_by_label("Website")
    expect(website).to_be_focused()
    expect(website).to_have_accessible_description("This is not the address of a website.")
    expect(page.get_by_label("Your comment")).to_have_value("Not lost.\n\n  At all.")
    website.fill("")
    website.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Not lost.")


@without_javascript
def test_on_the_way_back_nothing_typed_is_lost(visit: Visit, service: Service) -> None:
    address = f"{service.address}/thread?page={service.host}/undecided"
    page = visit.opens(address, await_thread=False)
    page.get_by_label("Your comment").fill("Half a thought")
    page.goto(f"{service.host}/favicon.ico")
    page.go_back()
    expect(page.get_by_label("Your comment")).to_have_value("Half a thought")


@without_javascript
def test_a_form_on_another_origin_posts_nothing(visit: Visit, service: Service) -> None:
    address = f"{service.host}/target"
    page = visit.opens(f"{service.address}/thread?page={address}", await_thread=False)
    token = page.locator("[name=token]").get_attribute("value")
    fields = {"token": token, "page": address, "name": "Mallory", "body": "Forged."}
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    forged = f'<form method="post" action="{service.address}/thread">{inputs}<button>Win</button></form>'
    page.goto(service.hosts("forged", forged))
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_role("heading", name="Comments are not accepted from here")).to_be_visible()
    assert "Forged." not in page.content()
    assert service.thread(address)["comments"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "visit",
    [{}, {"color_scheme": "dark"}, PHONE],
    indirect=True,
    ids=["light", "dark", "phone"],
)
def test_nothing_stands_in_the_way_of_anybody(
    visit: Visit, service: Service, closed_page: str, request: pytest.FixtureRequest
) -> None:
    # axe needs scripts, the page has none; a violation of its policy, say by the data for search engines, fails too
    address = f"{service.host}/accessible-{request.node.callspec.id}"
    parent = None
    for depth in range(8):
        body = f"Donaudampfschifffahrtsgesellschaftskapitän{depth} `code` https://example.org/x\n\n> quoted\n\n- one"
        parent = service.posts(address, body, title="A clock", **({"parent": parent} if parent else {}))["id"]
    plain = f"{service.address}/thread?page="
    for shown in (f"{plain}{closed_page}", f"{plain}{address}&reply={parent}", f"{plain}{address}&parent={parent}"):
        page = visit.opens(shown, await_thread=False)
        assert _violations(page) == [], shown
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = visit.opens(f"{plain}{address}", await_thread=False)
    page.get_by_label("Your comment").fill("x")
    page.get_by_label("Name").fill("n" * 65)
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert _violations(page) == []
    assert [json for json in page.locator("script").all() if json.get_attribute("type") != "application/ld+json"] == []
    page.goto(f"{service.address}/thread")
    assert _violations(page) == []


def _violations(page: Page) -> list[str]:
    checked = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=checked).response["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]
