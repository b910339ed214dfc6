"""Where the focus is on the operators' pages after something was done, or refused."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Service, Visit
from tests.browser.desk import presses, types_name_and_password


def test_the_focus_is_at_the_first_fault_or_at_what_was_said(visit: Visit, service: Service, owner: str) -> None:
    page = visit.opens(f"{service.address}/admin/sign-in?next=/admin/operators", await_thread=False)
    types_name_and_password(page, owner)

    sites = page.get_by_role("checkbox", name="news")
    expect(sites).to_be_hidden()
    page.get_by_label("Only these:").check()
    expect(sites).to_be_visible()
    page.get_by_label("Name").fill("focused")
    presses(page, "Add")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("These sites")
    expect(sites).to_be_focused()
    expect(sites).to_be_visible()
    page.locator("#name").focus()
    alert.get_by_role("link").click()
    expect(sites).to_be_in_viewport()

    page.get_by_label("Name").fill(owner)
    page.get_by_label("news").check()
    presses(page, "Add")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text(f"There is an operator named {owner} already.")

    page.goto(f"{service.address}/admin/operators/{owner}")
    presses(page, "Save")
    expect(page.get_by_role("status")).to_be_focused()
