"""Languages: chosen by the page, else by the reader; right to left; and English when nothing comes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service, Visit

LOCALES = Path(__file__).parents[2] / "widget" / "locales"


def words(code: str) -> dict[str, Any]:
    """Return the words of a language."""
    strings: dict[str, Any] = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    return strings


def asked(visit: Visit) -> list[str]:
    """Return the languages that were asked for."""
    return [found[1] for url in visit.requests if (found := re.search(r"/locales/([\w-]+)\.json\?v=\w{12}$", url))]


def _language(code: str) -> object:
    # one from left to right and one from right to left stand for the others in a hurry
    return code if code in ("ar", "de") else pytest.param(code, marks=pytest.mark.slow)


@pytest.mark.parametrize("code", [_language(code) for code in sorted(path.stem for path in LOCALES.glob("*.json"))])
def test_every_language_shows_a_thread_and_a_form(visit: Visit, service: Service, code: str) -> None:
    address = service.hosts(f"in-{code}", f'<afterword-thread lang="{code}"></afterword-thread>{{tag}}')
    service.posts(address, "Text.")
    page = visit.opens(address)
    strings = words(code)
    expect(page.get_by_role("button", name=strings["send"])).to_be_visible()
    expect(page.get_by_role("heading", name=strings["write"])).to_be_visible()
    expect(page.get_by_role("button", name=strings["replyTo"].replace("{name}", "Ben"))).to_have_text(strings["reply"])
    thread = page.locator("section").first
    expect(thread).to_have_attribute("lang", code)
    assert asked(visit) == ([] if code == "en" else [code])
    rtl = code in ("ar", "fa", "he")
    assert thread.evaluate("thread => getComputedStyle(thread).direction") == ("rtl" if rtl else "ltr")
    times = page.get_by_role("time").evaluate("time => [time.textContent, time.title]")
    assert all("2" in time or re.search(r"[٠-٩۰-۹]", time) for time in times)


@pytest.mark.parametrize(
    ("visit", "page_lang", "chosen"),
    [
        ({"locale": "fr-CA"}, "", "fr"),
        ({"locale": "fr-CA"}, "de-AT", "de"),
        ({"locale": "fr-CA"}, "xx", "fr"),
        ({"locale": "pt-PT"}, "", "pt-BR"),
        ({"locale": "zh-TW"}, "", "en"),
    ],
    indirect=["visit"],
)
def test_the_language_is_the_pages_then_the_readers(
    visit: Visit, service: Service, page_lang: str, chosen: str
) -> None:
    address = service.hosts("whose")
    service.pages["/whose"] = service.pages["/whose"].replace('lang="en"', f'lang="{page_lang}"' if page_lang else "")
    page = visit.opens(address)
    expect(page.locator("section").first).to_have_attribute("lang", chosen)
    expect(page.get_by_role("button", name=words(chosen)["send"])).to_be_visible()


def test_what_is_loaded_later_speaks_the_same_language(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("later", '<afterword-thread lang="de"></afterword-thread>{tag}'))
    strings = words("de")
    page.get_by_role("textbox", name=strings["body"]).focus()
    expect(page.get_by_role("button", name=strings["preview"])).to_be_visible()
    expect(page.get_by_role("button", name=strings["bold"])).to_be_visible()
    assert asked(visit) == ["de"]


def test_a_thread_does_not_change_its_language_before_the_readers_eyes(visit: Visit, service: Service) -> None:
    def watch(page: Page) -> None:
        page.add_init_script(
            """window.seen = new Set();
            const attach = Element.prototype.attachShadow;
            Element.prototype.attachShadow = function (options) {
                const root = attach.call(this, options);
                new MutationObserver(() => seen.add(root.querySelector('h2')?.textContent))
                    .observe(root, { childList: true, subtree: true, characterData: true });
                return root;
            }"""
        )

    page = visit.opens(service.hosts("steady", '<afterword-thread lang="de"></afterword-thread>{tag}'), prepare=watch)
    expect(page.get_by_role("heading", name=words("de")["none"])).to_be_visible()
    assert set(page.evaluate("[...seen]")) <= {"", words("de")["comments"], words("de")["none"]}


def test_words_and_thread_are_asked_for_at_the_same_time(visit: Visit, service: Service) -> None:
    held: list[Any] = []
    visit.context.route("**/locales/**", lambda route: held.append(route))
    address = service.hosts("parallel", '<afterword-thread lang="de"></afterword-thread>{tag}')
    page = visit.opens("about:blank", False)
    with page.expect_response("**/api/v1/thread?*") as answer:
        page.goto(address)
    assert answer.value.ok
    expect(page.get_by_role("button", name=words("de")["send"])).to_have_count(0)
    assert len(held) == 1
    for route in held:
        route.continue_()
    expect(page.get_by_role("button", name=words("de")["send"])).to_be_visible()


def test_without_its_words_a_thread_is_in_english(visit: Visit, service: Service) -> None:
    visit.context.route("**/locales/**", lambda route: route.abort())
    page = visit.opens(service.hosts("wordless", '<afterword-thread lang="ar"></afterword-thread>{tag}'))
    expect(page.get_by_role("button", name="Send comment")).to_be_visible()
    expect(page.locator("section").first).to_have_attribute("lang", "en")


def test_words_are_kept_for_good_under_their_version_and_not_without(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("kept", '<afterword-thread lang="de"></afterword-thread>{tag}'))
    page.locator("section[lang=de]").wait_for()
    [address] = [url for url in visit.requests if "/locales/" in url]
    for query, kept in [("", "immutable"), ("0", "max-age=300")]:
        answer = visit.context.request.get(address + query)
        assert kept in answer.headers["cache-control"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "application/json"
    for path in ("/locales/xx.json", "/locales/en.json", "/locales/..%2Fembed.js", "/locales/de.json.json"):
        assert visit.context.request.get(service.address + path).status == 404


def test_right_to_left_the_thread_stands_on_the_right(visit: Visit, service: Service) -> None:
    address = service.hosts("rtl", '<afterword-thread lang="ar"></afterword-thread>{tag}')
    root = service.posts(address, "مرحبا بالعالم.", author={"name": "سارة"})["id"]
    service.posts(address, "An answer in English.", parent=root)
    page = visit.opens(address)
    width = int(page.evaluate("innerWidth"))
    first, reply = (article.bounding_box() for article in page.get_by_role("article").all())
    assert first is not None
    assert reply is not None
    assert first["x"] + first["width"] > reply["x"] + reply["width"]
    sort, heading = page.get_by_role("combobox").bounding_box(), page.get_by_role("heading", level=2).bounding_box()
    assert sort is not None
    assert heading is not None
    assert sort["x"] + sort["width"] < width / 2 < heading["x"] + heading["width"]
