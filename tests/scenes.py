"""The states that tests/screens.py shows: what is said in them, what leads to them, how they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from tests.browser.conftest import Service

LINKS = "The same bench, six times: " + ", ".join(f"https://example.org/bench/{number}" for number in range(6))
MARKED = "It faces **east**, as intended:\n\n> no view\n\n- a wren\n- `2` bolts, see [the plan](https://example.org/)"
TITLES = {"": "The bench that faces the wrong way", "rtl": "المقعد الذي يواجه الجهة الخطأ"}
#: name, which of the comments above is answered, text, points
TALK: list[tuple[str, int | None, str, int]] = [
    ("Hattie", None, "I have sat on it both ways. Facing the hedge there *is* a wren, and no wind whatever.", 7),
    ("Jonas", 0, "> and no wind whatever\n\nIn September. Do come back in **April**, and bring a hat.", 3),
    ("Mina", 1, "Two bolts, then. I measured them:\n\n```\nM12 x 80, zinc-plated\n17 mm spanner\n```", 4),
    ("Jonas", 2, "I have a spanner, and am free on Thursday. So has [the library](https://example.org/tools).", 0),
    ("Olu", None, "What the office could do:\n\n1. turn it round\n2. cut the hedge to `90 cm`\n3. ask the wren", -1),
    ("Hattie", 4, "Third place for the wren? It was there first.", 0),
]
TALK_RTL: list[tuple[str, int | None, str, int]] = [
    ("ليلى", None, "جلستُ على المقعد في *الاتجاهين*. من يواجه السياج يرى عصفورًا ولا يشعر بأي ريح.", 5),
    ("سامي", 0, "> ولا يشعر بأي ريح\n\nهذا في أيلول. عودوا في **نيسان** ومعكم قبعة.", 2),
    ("Hattie", 1, "An answer in English, for once. It keeps to its own side.", 0),
    ("سامي", 2, "عندي مفتاح، وفي [المكتبة](https://example.org/tools) مفتاح آخر.", 0),
    ("نور", None, "ما الذي يمكن فعله:\n\n1. تدوير المقعد\n2. قص السياج إلى `90 cm`\n3. سؤال العصفور", 0),
]
MORE = [("Jonas", 1 if turn < 70 else None, f"Reply or response, number {turn + 1}.", 0) for turn in range(400)]
LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
    "rtl": {"locale": "ar"},
}


class Visit(NamedTuple):
    """A reader at a page."""

    page: Page
    service: Service
    address: str

    def writes(self, text: str) -> None:
        """Write a comment as Ann and send it."""
        self.page.locator("textarea[name=body]").last.fill(text)
        self.page.locator("input[name=name]").last.fill("Ann")
        self.page.locator(".submit").last.click()

    def previews(self, text: str) -> None:
        """Write a reply and look at its preview."""
        self.page.locator(".reply").nth(1).click()
        self.page.locator(".item .bar").wait_for()
        self.page.locator(".item textarea").fill(text)
        self.page.locator(".item .tools > .quiet").click()
        self.page.locator(".preview strong").wait_for()

    def answers(self) -> None:
        """Answer the last comment, so that there is one that can be changed and deleted."""
        self.page.locator(".reply").last.click()
        self.page.locator(".item textarea").fill("Then let it *decide*.")
        self.page.locator(".item input[name=name]").fill("Ann")
        self.page.locator(".item .submit").click()
        self.page.locator(".change").wait_for()
        self.page.locator("h1").click()

    def is_refused(self) -> None:
        """Send what cannot be taken."""
        self.page.locator("input[name=email]").fill("ann at example.org")
        self.page.locator(".submit").click()
        expect(self.page.locator("[aria-invalid]")).to_have_count(3)

    def is_offline(self) -> None:
        """Send where there is no network."""
        self.page.context.set_offline(True)
        self.writes("Written on the hill, where the wren has better reception than I have.")
        self.page.locator(".comment .fault").wait_for()

    def is_held(self) -> None:
        """Post what waits for review."""
        self.writes(LINKS)
        self.page.locator(".change").wait_for()

    def hears(self) -> None:
        """Let others write meanwhile."""
        for name, text in (("Olu", "It has been turned round, this morning."), ("Mina", "And back, this afternoon.")):
            self.service.posts(self.address, text, author={"name": name})
        self.page.locator(".thread").evaluate("thread => thread.scrollIntoView()")
        self.page.clock.fast_forward(31_000)
        self.page.locator(".news > .button").wait_for()

    def goes_on(self) -> None:
        """Go to where the first replies end."""
        self.page.locator(".replies .more").evaluate("more => more.scrollIntoView({ block: 'center' })")

    def lists(self) -> None:
        """List what was written from here."""
        for count, text in enumerate(
            ("Turn it round. Leave the hedge to those who live in it.", "Or " + "a hat, " * 40)
        ):
            self.writes(text)
            expect(self.page.locator(".change")).to_have_count(count + 1)
        self.page.locator(".foot > .button").click()
        self.page.locator(".entry").last.wait_for()

    def reports(self) -> None:
        """Report a comment."""
        self.page.locator(".comment").nth(2).hover()
        self.page.locator(".report").nth(2).click()
        self.page.locator(".report-form input").fill("It sells spanners.")


class Screen(NamedTuple):
    """A picture: what it is called and shows, what leads to it, the part of the thread, and how it is looked at."""

    name: str
    caption: str
    lead: Callable[[Visit], object] = lambda visit: None
    part: str = "whole"  # or its "top" or "end", or the "window"
    look: str = ""


SCREENS = [
    Screen("empty", "A page without comments"),
    Screen("thread", "Replies on several levels, a quote, code, a list, votes, an own comment", Visit.answers),
    Screen("thread-dark", "The same on a dark page, whose colours it takes", Visit.answers, "top", "dark"),
    Screen("thread-phone", "On a phone replies stand in line and say what they answer", Visit.answers, "top", "phone"),
    Screen("thread-rtl", "From right to left, with an answer in English", Visit.answers, "whole", "rtl"),
    Screen("thread-rtl-phone", "From right to left on a phone", Visit.answers, "top", "rtl phone"),
    Screen("reply", "A reply, with its tools and its preview", lambda visit: visit.previews(MARKED), "top"),
    Screen("reply-phone-dark", "A reply on a dark phone", lambda visit: visit.previews(MARKED), "top", "phone dark"),
    Screen("reply-rtl", "A reply from right to left", lambda visit: visit.previews("شكرًا **جزيلًا**."), "top", "rtl"),
    Screen("refused", "What is missing or wrong is said where it is", Visit.is_refused),
    Screen("refused-phone-dark", "What is wrong, on a dark phone", Visit.is_refused, "whole", "phone dark"),
    Screen("offline", "A comment that waits for the network is not lost", Visit.is_offline, "end"),
    Screen("held", "A comment that waits for review is seen by its author alone", Visit.is_held, "end"),
    Screen("held-rtl-dark", "Waiting for review, from right to left, in the dark", Visit.is_held, "end", "rtl dark"),
    Screen("closed", "An old article's thread, brought over from WordPress and closed", part="end"),
    Screen("closed-phone-dark", "The closed thread on a dark phone", part="end", look="phone dark"),
    Screen("long", "A long thread, in the order that the reader chooses", part="top"),
    Screen("long-replies", "Further down: more replies to one of them", Visit.goes_on, "window"),
    Screen("long-end", "At its end: more responses", part="end"),
    Screen("news", "New comments wait until the reader asks for them", Visit.hears, "window"),
    Screen("news-phone-dark", "New comments on a dark phone", Visit.hears, "window", "phone dark"),
    Screen("mine", "What the reader wrote on this site: to take along, to erase, to be forgotten", Visit.lists, "end"),
    Screen("report-dark", "Reporting a comment", Visit.reports, "top", "dark"),
]
