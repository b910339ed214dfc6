"""An operator at the pages of sites, rules and bans and, without a cookie, on those of a site."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, Service, Visit, await_that
from tests.browser.desk import PHONE, is_clean, presses, signs_in

_numbers = count()


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    """A site whose pages are on `localhost`: to a browser another site than the service on 127.0.0.1."""
    name = f"elsewhere{next(_numbers)}"
    service.runs("site", "add", name, service.host.replace("127.0.0.1", "localhost"))
    yield name
    service.runs("site", "remove", name, "--yes")


def enters(visit: Visit, service: Service, name: str) -> Page:
    """Come in, and to the sites."""
    return signs_in(visit, f"{service.address}/admin/sites", name)


def thread(page: Page) -> object:
    """Wait for the thread of a page of the site."""
    page.set_default_timeout(PATIENCE)
    page.locator("afterword-thread").get_by_role("heading", level=2).first.wait_for()
    return page.locator("afterword-thread")


@pytest.mark.slow
def test_an_operator_moderates_from_the_page_itself(
    visit: Visit, browser: Browser, service: Service, site: str, owner: str
) -> None:
    host = service.hosts(f"moderated-{site}").replace("127.0.0.1", "localhost")
    elsewhere = Service(service.address, service.host.replace("127.0.0.1", "localhost"), {}, {})
    comment = elsewhere.posts(host, "A comment to look at.")
    desk = enters(visit, service, owner)
    desk.goto(f"{service.address}/admin/sites/{site}")
    with visit.context.expect_page() as opened:
        desk.get_by_role("link", name="Show moderation links on this site’s pages").click()
    page = opened.value
    thread(page)
    assert page.url.partition("#")[0] == host
    moderate = page.get_by_role("link", name="Moderate", exact=True)
    expect(moderate).to_have_count(1)
    assert "#" not in page.url
    assert page.evaluate("Object.entries(localStorage)") == [[f"afterword:operator:{service.address}", "1"]]

    with visit.context.expect_page() as opened:
        moderate.click()
    to = f"{service.address}/admin/comments/{comment['id']}"
    opened.value.wait_for_url(to)
    opened.value.close()

    page.reload()
    thread(page)
    with visit.context.expect_page() as opened:
        page.get_by_role("link", name="Close or open this page").click()
    admin = opened.value
    admin.wait_for_url(re.compile(rf"^{service.address}/admin/pages/\d+$"))
    is_clean(admin)
    admin.get_by_label("Reason").fill("The <b>news</b> is old.")
    presses(admin, "Close this page")
    expect(admin.get_by_role("status")).to_contain_text("Closed.")
    is_clean(admin)

    other = browser.new_context(locale="en-GB")
    reader = other.new_page()
    reader.goto(host)
    expect(reader.get_by_text("Comments are closed.")).to_be_visible()
    expect(reader.get_by_text("The <b>news</b> is old.")).to_be_visible()
    expect(reader.get_by_role("link", name="Moderate", exact=True)).to_have_count(0)
    assert not any("more.js" in url for url in reader.evaluate("performance.getEntries().map(({name}) => name)"))
    other.close()

    with visit.context.expect_page() as opened:
        desk.get_by_role("link", name="Hide them").click()
    thread(opened.value)
    # evaluated from here, since the page's own policy forbids what wait_for_function does
    await_that(lambda: opened.value.evaluate("localStorage.length") == 0)
    page.reload()
    thread(page)
    expect(page.get_by_role("link", name="Close or open this page")).to_have_count(0)


def test_a_page_without_comments_is_closed_from_its_thread(
    visit: Visit, service: Service, site: str, owner: str
) -> None:
    host = service.hosts(f"empty-{site}").replace("127.0.0.1", "localhost")
    enters(visit, service, owner)
    page = visit.opens(f"{host}?a=1&b=%C3%A4#afterword-operator")
    with visit.context.expect_page() as opened:
        page.get_by_role("link", name="Close or open this page").click()
    expect(opened.value.get_by_text("has no comments yet")).to_be_visible()
    is_clean(opened.value)
    presses(opened.value, "Close this page")
    page.reload()
    expect(page.get_by_text("Comments are closed.")).to_be_visible()


@pytest.mark.parametrize(
    "visit", [{}, pytest.param(PHONE, marks=pytest.mark.slow)], indirect=True, ids=["desk", "phone"]
)
@pytest.mark.slow
def test_an_owners_pages_are_clean_and_do_what_they_say(
    visit: Visit, service: Service, site: str, owner: str, request: pytest.FixtureRequest
) -> None:
    host = service.host.replace("127.0.0.1", "localhost")
    elsewhere = Service(service.address, host, {}, {})
    for number in range(3):
        elsewhere.posts(f"{host}/article-{number}", f"Comment {number} about a casino.", title=f"Article {number}")
    page = enters(visit, service, owner)

    def shows(path: str, name: str) -> None:
        if path:
            page.goto(f"{service.address}/admin/{path}")
        is_clean(page)
        if folder := os.environ.get("SCREENS"):
            page.screenshot(path=Path(folder) / f"{name}-{request.node.callspec.id}.png", full_page=True)

    shows(f"pages?site={site}", "pages")
    page.get_by_label("Choose Article 1").check()
    page.get_by_label("Choose Article 2").check()
    page.get_by_label("Reason").fill("Enough said.")
    page.get_by_label("Until (UTC)").fill("2020-01-01T00:00")
    presses(page, "Close")
    expect(page.get_by_text("must lie ahead")).to_be_visible()
    shows("", "pages-fault")
    expect(page.get_by_label("Choose Article 2")).to_be_checked()
    page.get_by_label("Until (UTC)").fill("2099-01-01T00:00")
    presses(page, "Close")
    expect(page.get_by_role("cell", name="closed")).to_have_count(2)
    shows("", "pages-closed")
    page.get_by_role("link", name="Article 1").click()
    shows("", "page")

    shows("sites", "sites")
    shows(f"sites/{site}", "site")
    page.get_by_label("Days after its last comment").fill("many")
    presses(page, "See what they would do")
    expect(page.get_by_label("Days after its last comment")).to_have_value("many")
    shows("", "site-fault")
    page.get_by_label("Days after its last comment").fill("")
    page.get_by_label("When it has so many comments").fill("1")
    presses(page, "See what they would do")
    expect(page.get_by_role("status")).to_contain_text("Of 3 pages these rules would close 1 now, and open 0.")
    shows("", "site-preview")
    presses(page, "Save these rules")
    expect(page.get_by_role("status")).to_have_text("These rules hold from now on.")
    page.get_by_text("Freeze the site").click()
    page.get_by_label("Reason").first.fill("We are moving.")
    presses(page, f"Freeze {site}")
    shows("", "site-frozen")
    presses(page, "End the freeze")

    shows(f"rules/{site}", "rules")
    page.get_by_label("Words that hold a comment").fill("casino")
    presses(page, "See what these would change")
    expect(page.get_by_role("status")).to_contain_text("3 of these would be given another state")
    shows("", "rules-tried")
    page.get_by_label("Most links").fill("-1")
    page.get_by_label("Patterns that hold a comment").fill("(")
    presses(page, "Save")
    expect(page.get_by_label("Most links")).to_have_value("-1")
    shows("", "rules-fault")
    page.get_by_label("Most links").fill("3")
    page.get_by_label("Patterns that hold a comment").fill("")
    presses(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("The rules are saved")
    page.get_by_role("link", name="strict").click()
    shows("", "rules-preset")
    shows("rules", "rules-sites")

    shows(f"bans?kind=url&value=casino.example&site={site}", "bans-new")
    presses(page, "Ban")
    expect(page.get_by_role("status")).to_have_text("The ban holds from now on.")
    shows("", "bans")
    page.get_by_text("Remove the ban of casino.example").click()
    presses(page, "Remove this ban")
    shows("", "bans-none")

    shows("spam", "spam")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a file").click()
    page.get_by_label("File", exact=True).set_input_files(saved.value.path())
    presses(page, "Read in")
    expect(page.get_by_role("status")).to_have_text("The file is read in.")
    page.get_by_text("Let the filter forget everything").click()
    presses(page, "Forget everything")
    shows("", "spam-fault")
