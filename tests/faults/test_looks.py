"""Text that looks like another, or larger than it is, in a real browser: in the widget and without a script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Service, serving
from tests.faults.harness import PATIENCE

#: those of which a browser sets each on top of the one before, and each below it
MARKS, BELOW = "\u0300\u0301\u0302\u0303" * 8, "\u0323" * 30
#: names that are, or look like, `Ann Lee`
NAMES = (
    "Ann Lee", "Ann\u200b Lee", "A\u200cn\u200dn Lee", "\ufeffAnn Lee\u2060", "\u202eAnn Lee", "Ann\u202e Lee",
    "\u2066Ann\u2069 Lee", "Ann\u200f Lee\u200e", "A\u00adnn Lee", "Ann\u034f Lee", "Ann\U000e0041 Lee",
    "Ann\u00a0 \u3000Lee",
)  # fmt: skip
#: what is typed, and the host of it as a reader may see it
HOSTS = {
    "https://аррӏе.example/": "xn--80ak6aa92e.example",
    "https://xn--80ak6aa92e.example/": "xn--80ak6aa92e.example",
    "https://exаmple.org/": "xn--exmple-4nf.org",
    "https://gооgle.example/": "xn--ggle-55da.example",
    "[https://example.org/](https://exаmple.org/)": "xn--exmple-4nf.org",
    "https://example.org\u202e/gro.live": "example.org/…",
    "https://bücher.example/": "bücher.example",
    "https://пример.example/": "пример.example",
}
#: what is typed, and the same as it would be without the trick
LARGE = {
    f"Z{MARKS}a{MARKS}l{MARKS}g{MARKS}o{MARKS}": "Zalgo",
    f"One{BELOW} two" + "\n" * 400 + "three": "One two\n\n\nthree",
    "\u202eOne two\u2066three": "One twothree!",
    "\ufdfd\ufdfd": "\ufdfd\ufdfd.",
}
#: how high a text's ink is, in sizes of a font that sets marks on top of each other, as many do
INK = """([node, text]) => {
    const drawn = document.createElement('canvas').getContext('2d');
    drawn.font = '20px sans-serif';
    const size = drawn.measureText(text ?? node.textContent);
    return (size.actualBoundingBoxAscent + size.actualBoundingBoxDescent) / 20;
}"""
MOST_INK = 2.5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service, and a server of pages that carry its threads."""
    with serving(tmp_path_factory.mktemp("looks")) as running:
        yield running


def _opens(browser: Browser, service: Service, page: str, where: str) -> Page:
    """Open a page's thread, in the widget or as plain HTML."""
    opened = browser.new_context(viewport={"width": 800, "height": 900}).new_page()
    opened.set_default_timeout(PATIENCE * 1000)
    opened.goto(page if where == "widget" else f"{service.address}/thread?page={quote(page, safe='')}")
    opened.get_by_role("article").first.wait_for()
    return opened


def _box(article: Locator) -> float:
    box = article.locator(".body").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.fault("F18")
@pytest.mark.parametrize("where", ["widget", "plain"])
def test_a_comment_takes_no_more_room_than_its_letters(served: Service, browser: Browser, where: str) -> None:
    page = served.hosts(f"large-{where}")
    for typed, bare in LARGE.items():
        served.posts(page, typed, author={"name": f"By{MARKS}"})
        served.posts(page, bare, author={"name": "By"})
    opened = _opens(browser, served, page, where)
    articles = opened.get_by_role("article")
    expect(articles).to_have_count(2 * len(LARGE))
    one = _box(articles.nth(1))
    for number, typed in enumerate(LARGE):
        hostile, plain = articles.nth(2 * number), articles.nth(2 * number + 1)
        assert _box(hostile) <= 1.2 * _box(plain), ascii(typed)
        for shown in (hostile.locator(".body"), hostile.locator("h3").first):
            ink = shown.evaluate(f"node => ({INK})([node])")
            assert ink <= MOST_INK, (ascii(typed), ink)
            marks = [unicodedata.category(char)[0] == "M" for char in shown.inner_text()]
            assert not any(all(marks[place : place + 5]) for place in range(len(marks) - 4))
    assert one < 60, "what is measured by is not a line"
    raw = articles.nth(0).locator(".body").evaluate(f"(node, text) => ({INK})([node, text])", next(iter(LARGE)))
    assert raw > MOST_INK, "the browser would have drawn the text small, too: a proof of nothing"
    opened.context.close()


@pytest.mark.fault("F18")
@pytest.mark.parametrize("where", ["widget", "plain"])
def test_names_that_look_alike_are_the_same_and_hold_nothing_unseen(
    served: Service, browser: Browser, where: str
) -> None:
    page = served.hosts(f"names-{where}")
    for number, name in enumerate(NAMES):
        posted = served.posts(page, f"So says number\u200b {number}\u202e.", author={"name": name})
        assert posted["author"]["name"] == "Ann Lee", ascii(name)
    opened = _opens(browser, served, page, where)
    articles = opened.get_by_role("article")
    expect(articles).to_have_count(len(NAMES))
    assert {article.locator("h3").first.inner_text().strip() for article in articles.all()} == {"Ann Lee"}
    for article in articles.all():
        assert not re.search("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]", article.locator(".body").inner_text())
    opened.context.close()


@pytest.mark.fault("F18")
@pytest.mark.parametrize("where", ["widget", "plain"])
def test_an_address_that_looks_like_another_is_shown_as_it_travels(
    served: Service, browser: Browser, where: str
) -> None:
    page = served.hosts(f"addresses-{where}")
    for typed in HOSTS:
        served.posts(page, typed)
    opened = _opens(browser, served, page, where)
    links = opened.locator("article .body a")
    expect(links).to_have_count(len(HOSTS))
    assert [link.inner_text() for link in links.all()] == list(HOSTS.values())
    for link in links.all():
        assert re.fullmatch(r"https://[!-~]+", link.get_attribute("href") or "")
    opened.context.close()
