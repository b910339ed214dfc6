"""The first day of an owner, in a browser: a link, a password, a second factor, out and in again."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import COMMAND, Service, Visit, await_that, free_port

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "a clock that is right twice"


@pytest.fixture
def fresh(tmp_path: Path, service: Service) -> Iterator[tuple[str, str]]:
    """A service of its own without any owner: its address, and the link that it printed."""
    port = free_port()
    environment = service.environment | {"AFTERWORD_DATA_DIR": str(tmp_path / "data")}
    environment.pop("AFTERWORD_PUBLIC_URL", None)
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), "--workers", "2"], env=environment, stdout=output
        )
    address = f"http://127.0.0.1:{port}"
    try:
        await_that(lambda: _answers(f"{address}/readyz"))
        subprocess.run([COMMAND, "site", "add", "blog", "https://blog.example.org"], env=environment, check=True)
        (link,) = re.findall(r"^http\S+/admin/setup/\S+$", said.read_text(), re.MULTILINE)
        yield address, link
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def is_clean(page: Page) -> None:
    """Check that axe finds no fault, and that nothing is wider than the screen."""
    found = Axe().run(page, options={"runOnly": RULES})
    faults = [f"{fault['id']}: {[node['html'] for node in fault['nodes']]}" for fault in found.response["violations"]]
    assert faults == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def presses(page: Page, name: str) -> None:
    """Press a button, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}


@pytest.mark.parametrize("visit", [{}, PHONE, DARK, {"java_script_enabled": False}], indirect=True,
                         ids=["desk", "phone", "dark", "plain"])  # fmt: skip
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
    page.get_by_label("Code").fill("000000" if app.now() != "000000" else "111111")
    presses(page, "Turn on")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    checks(page)
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
    page.get_by_label("blog").check()
    presses(page, "Add")
    expect(page.get_by_label(re.compile("^Link for ben"))).to_have_value(re.compile(rf"^{address}/admin/password/\S+$"))
    checks(page)
    page.get_by_role("link", name="ben").click()
    checks(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Log").click()
    expect(page.get_by_role("row")).to_have_count(6)
    checks(page)

    presses(page, "Sign out")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    checks(page)
    page.goto(f"{address}/admin/audit?verb=operator")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    presses(page, "Sign in")
    checks(page)
    page.get_by_label("Code").fill(app.at(time.time() + 30))  # the next one, as if half a minute had passed
    presses(page, "Go on")
    expect(page).to_have_url(f"{address}/admin/audit?verb=operator")

    presses(page, "Sign out")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    presses(page, "Sign in")
    page.get_by_label("Code").fill(codes[0])
    presses(page, "Go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")


def test_a_link_on_a_page_of_a_site_arrives_signed_in(visit: Visit, fresh: tuple[str, str], service: Service) -> None:
    address, link = fresh
    page = visit.opens(link, await_thread=False)
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    presses(page, "Become the owner")
    host = service.hosts("moderating", f'<h1>A page</h1><a href="{address}/admin/audit?verb=operator">Moderate</a>'
                         f'<p><a href="{address}/admin/go?to=/admin/account">Account</a>')  # fmt: skip
    elsewhere = host.replace("127.0.0.1", "localhost")  # to a browser this is another site
    for name, path in (("Moderate", "/admin/audit?verb=operator"), ("Account", "/admin/account")):
        page.goto(elsewhere)
        page.get_by_role("link", name=name).click()
        page.wait_for_url(f"{address}{path}")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
