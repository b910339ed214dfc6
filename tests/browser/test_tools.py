"""What helps with writing: the toolbar, the preview, the room that is left; and doing without."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Service, Visit, await_that

KEPT = "JSON.stringify(Object.entries(localStorage))"


def body(page: Page) -> Locator:
    """Return the field of the form under the thread."""
    return page.get_by_role("textbox", name="Your comment")


def test_tools_change_the_text_and_the_browsers_undo_takes_it_back(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("tools"))
    body(page).fill("a fine clock")
    expect(page.get_by_role("toolbar")).to_be_visible()
    body(page).evaluate("field => field.setSelectionRange(2, 6)")
    page.keyboard.press("Control+b")
    expect(body(page)).to_have_value("a **fine** clock")
    page.keyboard.press("Control+z")
    expect(body(page)).to_have_value("a fine clock")
    body(page).evaluate("field => field.setSelectionRange(2, 6)")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(body(page)).to_be_focused()
    expect(body(page)).to_have_value("a [fine](https://) clock")
    page.keyboard.type("example.org")
    expect(body(page)).to_have_value("a [fine](https://example.org) clock")
    await_that(lambda: "example.org" in page.evaluate(KEPT))


def test_the_toolbar_is_one_stop_and_goes_by_arrows(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("toolbar"))
    before = page.get_by_role("button", name="Send comment").bounding_box()
    body(page).focus()
    bar = page.get_by_role("toolbar")
    expect(bar).to_be_visible()
    assert page.get_by_role("button", name="Send comment").bounding_box() == before
    page.keyboard.press("Tab")
    for key, name in [
        ("", "Bold"),
        ("ArrowRight", "Italic"),
        ("End", "List"),
        ("ArrowRight", "Bold"),
        ("Home", "Bold"),
    ]:
        if key:
            page.keyboard.press(key)
        expect(bar.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="List")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Preview")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(bar.get_by_role("button", name="List")).to_be_focused()


def test_a_preview_shows_what_the_comment_will_look_like(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("preview"))
    body(page).fill("")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_have_text("Nothing to preview yet.")
    body(page).fill("A **fine** clock <b>here</b>.\n\n> Quoted")
    expect(preview.locator("strong")).to_have_text("fine")
    expect(preview.locator("blockquote")).to_have_text("Quoted")
    expect(preview).to_contain_text("<b>here</b>")
    visit.context.route("**/preview", lambda route: route.abort())
    body(page).fill("Another")
    expect(preview).to_have_text("That did not work. Please try again.")
    page.get_by_role("button", name="Preview").click()
    expect(preview).to_have_count(0)


def test_the_room_that_is_left_is_told_before_it_runs_out(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("room"))
    body(page).fill("a" * 8_999)
    expect(page.get_by_role("toolbar")).to_be_visible()
    expect(page.get_by_text("left.")).to_have_count(0)
    body(page).fill("a" * 9_000)
    expect(page.get_by_text("1,000 characters left.").first).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1,000 characters left.")
    body(page).fill("a" * 9_999)
    expect(page.get_by_text("1 character left.").first).to_be_visible()


def test_when_the_second_script_does_not_come_readers_are_told_and_can_try_again(
    visit: Visit, service: Service
) -> None:
    address = service.hosts("alone")
    service.posts(address, "Vote for me.")
    visit.context.route("**/more.js*", lambda route: route.abort())
    page = visit.opens(address)
    up = page.get_by_role("button", name="Vote up the comment by Ben")
    up.click()
    expect(page.get_by_role("status")).to_have_text("That did not work. Please try again.")
    body(page).fill("Writing goes on.")
    page.get_by_label(re.compile("^Name")).fill("Ann")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    visit.context.unroute("**/more.js*")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
