"""An operator's browser: comes in, presses buttons; its pages are without fault, light and dark."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import PASSWORD, Visit

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: those of them that ask for colours: nothing else is another in the dark
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def is_clean(page: Page) -> None:
    """Check that axe finds no fault, in the light and in the dark, and that nothing is wider than the screen."""
    page.evaluate(AXE_SCRIPT)
    found = _faults(page, RULES)
    page.emulate_media(color_scheme="dark")
    found += _faults(page, COLOURS)
    page.emulate_media(color_scheme="light")
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def _faults(page: Page, rules: Any) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{fault['id']}: {[node['html'] for node in fault['nodes']]}" for fault in found]


def presses(page: Page, name: str) -> None:
    """Press a button, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def signs_in(visit: Visit, address: str, name: str) -> Page:
    """Open a page of the operators, and come in to it by name and password."""
    page = visit.opens(address, await_thread=False)
    types_name_and_password(page, name)
    page.wait_for_url(address)
    return page


def types_name_and_password(page: Page, name: str) -> None:
    """Fill in the form of the sign-in page, and send it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    presses(page, "Sign in")


def becomes_owner(visit: Visit, link: str, name: str = "ann") -> Page:
    """Follow the link that the service printed, and choose a name and a password."""
    page = visit.opens(link, await_thread=False)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    presses(page, "Become the owner")
    return page
