"""The first day of an owner, in a browser: a link, a password, a second factor, out and in again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Service, Visit, serving
from tests.browser.desk import PHONE, is_clean, presses, signs_in, types_name_and_password


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A service of its own without any owner: its address, and the link that it printed."""
    with serving(tmp_path, workers=1) as service:
        (link,) = re.findall(r"^http\S+/admin/setup/\S+$", service.said, re.MULTILINE)
        yield service.address, link


@pytest.mark.slow
@pytest.mark.parametrize(
    "visit",
    [
        pytest.param({}, id="desk"),
        pytest.param(PHONE, id="phone"),
        pytest.param({"java_script_enabled": False}, id="plain"),
    ],
    indirect=True,
)
def test_the_first_owner_comes_in_sets_up_a_second_factor_and_comes_in_again(
    visit: Visit, fresh: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    address, link = fresh
    checks = is_clean if "plain" not in request.node.name else lambda page: None  # axe is a script
    assert link.startswith(address)
    page = visit.opens(link, await_thread=False)
    checks(page)
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    presses(page, "Become the owner")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    checks(page)

    (cookie,) = visit.context.cookies()
    flags = tuple(cookie[flag] for flag in ("name", "secure", "httpOnly", "sameSite", "path", "domain"))
    assert flags == ("__Host-afterword", True, True, "Strict", "/", "127.0.0.1")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Account").click()
    checks(page)
    page.get_by_role("link", name="Set up").click()
    picture = page.get_by_alt_text("QR code")
    assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 200
    page.get_by_text("Type the key instead").click()
    checks(page)
    app = pyotp.TOTP(page.locator("code.key").inner_text().replace(" ", ""))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill("000000" if app.now() != "000000" else "111111")
    presses(page, "Turn on")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    checks(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill(app.now())
    presses(page, "Turn on")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    checks(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes")).to_be_visible()
    checks(page)

    page.get_by_role("link", name="Operators").click()
    checks(page)
    page.get_by_label("Name").fill("ben")
    page.get_by_label("Only these:").check()
    page.get_by_label("news").check()
    presses(page, "Add")
    expect(page.get_by_label(re.compile("^Link for ben"))).to_have_value(re.compile(rf"^{address}/admin/password/\S+$"))
    checks(page)
    page.get_by_role("link", name="ben").click()
    checks(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Log").click()
    expect(page.get_by_role("row").filter(has_text="ann")).to_have_count(5)
    checks(page)

    presses(page, "Sign out")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    checks(page)
    page.goto(f"{address}/admin/audit?verb=operator")
    types_name_and_password(page, "ann")
    checks(page)
    page.get_by_label("Code").fill(app.at(time.time() + 30))  # the next one, as if half a minute had passed
    presses(page, "Go on")
    expect(page).to_have_url(f"{address}/admin/audit?verb=operator")

    presses(page, "Sign out")
    types_name_and_password(page, "ann")
    page.get_by_label("Code").fill(codes[0])
    presses(page, "Go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")


def test_a_link_on_a_page_of_a_site_arrives_signed_in(visit: Visit, service: Service, owner: str) -> None:
    address = f"{service.address}/admin"
    page = signs_in(visit, f"{address}/account", owner)
    host = service.hosts("moderating", f'<h1>A page</h1><a href="{address}/audit?verb=operator">Moderate</a>'
                         f'<p><a href="{address}/go?to=/admin/account">Account</a>')  # fmt: skip
    elsewhere = host.replace("127.0.0.1", "localhost")  # to a browser this is another site
    for name, path in (("Moderate", "audit?verb=operator"), ("Account", "account")):
        page.goto(elsewhere)
        page.get_by_role("link", name=name).click()
        page.wait_for_url(f"{address}/{path}")
        expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
