"""An operator's morning in a browser: filter, publish many by keyboard, undo, edit; the same without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Visit
from tests.browser.desk import PHONE, is_clean, presses, signs_in


def enters(visit: Visit, desk: Desk) -> Page:
    """Come in, and to the queue."""
    return signs_in(visit, desk.at("queue"), desk.name)


def shown(page: Page) -> list[str]:
    """Return the ids of the entries of a page."""
    found: list[str] = page.locator(".entry").evaluate_all("all => all.map(each => each.id)")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True, ids=["desk", "phone"])
def test_a_morning_by_keyboard(visit: Visit, desk: Desk) -> None:
    first = desk.posts("A first remark.", author={"name": "Ann", "email": "ann@example.org"})
    second = desk.posts("A second remark.", parent=None)
    third = desk.posts("Watches. " * 150, author={"name": "Best Watches", "website": "https://watches.example/"})
    page = enters(visit, desk)
    assert shown(page) == [f"comment-{each}" for each in (third, second, first)]
    is_clean(page)

    press = page.keyboard.press
    press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jaxsd remark")  # letters are letters here
    assert desk.states() == {first: "pending", second: "pending", third: "pending"}
    page.get_by_role("searchbox").fill("remark")
    with page.expect_navigation():
        press("Enter")
    assert shown(page) == [f"comment-{second}", f"comment-{first}"]
    page.get_by_text("Filter", exact=True).click()
    is_clean(page)

    page.locator("h1").click()
    press("j")
    expect(page.locator(f"#comment-{second}")).to_be_focused()
    press("x")
    press("j")
    press("x")
    press("k")
    expect(page.locator(f"#comment-{second}")).to_be_focused()
    expect(page.get_by_text("2 selected")).to_be_visible()
    is_clean(page)
    with page.expect_navigation():
        press("a")
    expect(page.get_by_role("status")).to_contain_text("2 comments published.")
    expect(page.locator(".empty")).to_be_visible()
    assert desk.states() == {first: "published", second: "published", third: "pending"}
    is_clean(page)
    with page.expect_navigation():
        press("u")
    expect(page.get_by_role("status")).to_contain_text("Undone: 2 comments back to what they were.")
    assert set(desk.states().values()) == {"pending"}

    page.goto(desk.at("queue"))
    press("j")
    with page.expect_navigation():
        press("s")
    expect(page.get_by_role("status")).to_contain_text("1 comment marked as spam.")
    assert desk.states()[third] == "spam"
    expect(page.locator(f"#comment-{second}")).to_be_focused()  # on with the next
    with page.expect_navigation():
        press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Comment {second}")
    is_clean(page)
    page.get_by_label("Text, in Markdown").fill("A second remark, mended.")
    page.get_by_label("Website").fill("javascript:alert(1)")
    presses(page, "Save")
    expect(page.get_by_text("This is not the address of a website.")).to_be_visible()
    expect(page.get_by_label("Text, in Markdown")).to_have_value("A second remark, mended.")
    is_clean(page)
    page.get_by_label("Website").fill("")
    presses(page, "Save")
    expect(page.get_by_role("status")).to_have_text("The comment is changed.")
    expect(page.locator("ins")).to_have_text([" remark, mended."])
    is_clean(page)

    page.locator("h1").click()
    with page.expect_navigation():
        press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")  # where one came from
    page.goto(desk.at(f"comments/{second}"))
    page.get_by_label("with the operator’s badge").fill("Thank *you*.")
    presses(page, "Publish the answer")
    expect(page.get_by_role("status")).to_have_text("Your answer is published.")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Comment {second}")
    is_clean(page)
    page.get_by_text("Erase this comment for good").click()
    page.get_by_label("I mean it").check()
    is_clean(page)
    presses(page, "Erase for good")
    expect(page.get_by_text("The text of this comment was erased.")).to_be_visible()
    is_clean(page)


@pytest.mark.slow
def test_keys_can_be_switched_off_for_good_and_all_can_be_selected(visit: Visit, desk: Desk) -> None:
    made = desk.posts("A remark.")
    page = enters(visit, desk)
    page.keyboard.press("j")
    expect(page.locator('[data-key="s"]')).to_have_attribute("aria-keyshortcuts", "s")
    page.keyboard.press("?")
    is_clean(page)
    expect(page.get_by_text("next comment")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("?")
    expect(page.get_by_text("next comment")).to_be_hidden()
    expect(page.locator(f"#comment-{made}")).to_be_focused()
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    assert page.locator("[aria-keyshortcuts]").count() == 0
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.locator(f"#comment-{made}").focus()
    page.keyboard.press("s")
    assert desk.states() == {made: "pending"}
    page.get_by_text("Keyboard", exact=True).click()
    page.get_by_label("Use these keys").check()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Select all on this page").click()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("link", name="Select none").click()
    expect(page.get_by_role("link", name="Select all on this page")).to_be_focused()
    page.locator(f"#comment-{made}").focus()
    for modified in ("Control+s", "Alt+s", "Meta+s"):
        page.keyboard.press(modified)
    assert desk.states() == {made: "pending"}
    with page.expect_navigation():
        page.keyboard.press("d")
    assert desk.states() == {made: "deleted"}


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_all_of_it_works(visit: Visit, desk: Desk) -> None:
    first, second = desk.posts("A first remark."), desk.posts("A second remark.")
    page = enters(visit, desk)
    expect(page.get_by_text("Keyboard")).to_be_hidden()
    page.get_by_role("link", name="Select all on this page").click()
    page.get_by_label("Reason").fill("Both are fine.")
    presses(page, "Publish those selected")
    expect(page.get_by_role("status")).to_contain_text("2 comments published.")
    assert desk.states() == {first: "published", second: "published"}
    presses(page, "Undo")
    assert desk.states() == {first: "pending", second: "pending"}
    page.get_by_role("searchbox").fill("first")
    presses(page, "Search")
    presses(page, "Spam the comment of Ben")
    assert desk.states() == {first: "spam", second: "pending"}
    assert "text=first" in page.url


def test_a_link_from_another_site_arrives_at_the_comment(visit: Visit, desk: Desk) -> None:
    made = desk.posts("A remark.")
    page = enters(visit, desk)
    other = desk.service.address.replace("127.0.0.1", "localhost")  # to a browser this is another site
    page.goto(f"{other}/")
    page.evaluate(f"location.href = '{desk.at('go')}?to=/admin/comments/{made}'")
    page.wait_for_url(desk.at(f"comments/{made}"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Comment {made}")
