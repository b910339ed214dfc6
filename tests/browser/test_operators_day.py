"""A day of an operator: comes in for the first time, clears the queue, closes, bans, tries a rule, reads the log."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Service, Visit, serving
from tests.browser.desk import becomes_owner, presses, types_name_and_password

#: verbs of the log, in the day's order
DONE = [
    "operator.add", "operator.signin", "operator.totp", "session.end", "operator.signin", "comment.delete",
    "comment.approve", "comment.approve", "comment.undo", "comment.undo", "comment.approve", "comment.edit",
    "page.close", "page.open", "ban.add", "site.rules",
]  # fmt: skip
LINKS = "Bargains: " + " ".join(f"https://bargain.example/{number}" for number in range(6))


@dataclass
class Day:
    """Who has the day, at which desk, and what readers have written."""

    service: Service
    visit: Visit
    #: the article that readers comment on, and the browser of one of them
    article: str
    reader: Page
    written: dict[str, int] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """Return the address of a page of the operators."""
        return f"{self.service.address}/admin/{path}"

    def states(self) -> dict[str, str]:
        """Return how the comments stand, by what they are called here."""
        named = {made: name for name, made in self.written.items()}
        shown = [each["id"] for each in self.service.thread(self.article)["comments"]]
        return {named[made]: "seen" for made in shown if made in named}


@pytest.fixture
def day(tmp_path: Path, visit: Visit, browser: Browser) -> Iterator[Day]:
    """A new service without an owner, with an article under which readers have written something of each kind."""
    with serving(tmp_path) as service:
        service.runs("rules", "set", "news", "spam_words=casino")
        article = service.hosts("article")
        readers = Visit(browser.new_context(locale="en-GB", timezone_id="UTC"))
        made = Day(service, visit, article, readers.opens(article))
        for name, body in (
            ("fine", "A fine article."),
            ("rude", "You are all fools."),
            ("held", LINKS),
            ("also held", LINKS + " and more"),
            ("spam", "Come to the casino."),
        ):
            made.written[name] = service.posts(article, body, author={"name": f"Ben {name}"})["id"]
        service.acts("POST", f"comments/{made.written['rude']}/report", "R" * 43, reason="Not nice.")
        yield made
        readers.context.close()
        assert readers.faults == []


@pytest.mark.slow
def test_a_day(day: Day) -> None:
    page = comes_in(day)
    device = sets_up_the_second_factor(day, page)
    goes_and_comes_again(day, page, device)
    sees_what_waits(day, page)
    decides_by_keyboard_and_in_bulk(day, page)
    mends_a_comment(day, page)
    closes_the_article_and_opens_it_again(day, page)
    bans_a_name(day, page)
    tries_a_rule_and_switches_it_on(day, page)
    comes_from_the_article_itself(day)
    reads_in_the_log_what_was_done(day, page)


def comes_in(day: Day) -> Page:
    """Follow the link that the service printed: it makes the owner, once."""
    (link,) = re.findall(r"^http\S+/admin/setup/\S+$", day.service.said, re.MULTILINE)
    page = becomes_owner(day.visit, link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    again = day.visit.opens(link, await_thread=False)
    expect(again.get_by_text("used already")).to_be_visible()
    again.close()
    return page


def sets_up_the_second_factor(day: Day, page: Page) -> pyotp.TOTP:
    """Type the shown key into an app, and the app's code here; keep the recovery codes."""
    page.goto(day.at("account"))
    page.get_by_role("link", name="Set up").click()
    page.get_by_text("Type the key instead").click()
    device = pyotp.TOTP(page.locator("code.key").inner_text().replace(" ", ""))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill(device.now())
    presses(page, "Turn on")
    expect(page.locator(".codes code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes")).to_be_visible()
    return device


def goes_and_comes_again(day: Day, page: Page, device: pyotp.TOTP) -> None:
    """Sign out; nothing is to be seen then; sign in, which now takes a code."""
    presses(page, "Sign out")
    page.goto(day.at("queue"))
    types_name_and_password(page, "ann")
    assert "/admin/code" in page.url
    page.get_by_label("Code").fill(device.at(time.time() + 30))  # the next one: each is good once
    presses(page, "Go on")
    expect(page).to_have_url(day.at("queue"))


def entries(day: Day, page: Page) -> list[str]:
    """Return what the list shows, by what it is called here."""
    ids = page.locator(".entry").evaluate_all("all => all.map(each => Number(each.id.split('-')[1]))")
    named = {made: name for name, made in day.written.items()}
    return [named[made] for made in ids]


def views(page: Page, name: str) -> None:
    """Go to another tab of the queue, and wait for it."""
    with page.expect_navigation():
        page.get_by_role("navigation", name="Views").get_by_role("link", name=name).click()


def sees_what_waits(day: Day, page: Page) -> None:
    """Look at what was held, what was reported, and what was taken for spam, each with its reason."""
    assert entries(day, page) == ["also held", "held"]
    expect(page.get_by_text("it has more links than this site lets through")).to_have_count(2)
    views(page, "Reported")
    expect(page.get_by_text("Not nice.")).to_be_visible()
    assert entries(day, page) == ["rude"]
    views(page, "Spam")
    expect(page.get_by_text("it has a word of the spam list")).to_be_visible()
    assert entries(day, page) == ["spam"]


def decides_by_keyboard_and_in_bulk(day: Day, page: Page) -> None:
    """Take the reported one down by a key; publish all that is held at once, undo it, and keep one of them."""
    views(page, "Reported")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("d")
    expect(page.get_by_role("status")).to_contain_text("1 comment deleted.")
    assert day.states() == {"fine": "seen"}
    views(page, "Pending")
    page.get_by_role("link", name="Select all on this page").click()
    page.get_by_label("Reason").fill("Both are fine.")
    presses(page, "Publish those selected")
    expect(page.get_by_role("status")).to_contain_text("2 comments published.")
    assert day.states() == dict.fromkeys(("fine", "held", "also held"), "seen")
    presses(page, "Undo")
    expect(page.get_by_role("status")).to_contain_text("Undone: 2 comments back to what they were.")
    assert day.states() == {"fine": "seen"}
    presses(page, "Publish the comment of Ben held")
    assert day.states() == dict.fromkeys(("fine", "held"), "seen")


def mends_a_comment(day: Day, page: Page) -> None:
    """Change what a comment says: readers see the new text, operators what it was."""
    page.goto(day.at(f"comments/{day.written['held']}"))
    page.get_by_label("Text, in Markdown").fill("Bargains: none.")
    page.get_by_label("Reason, for the log").first.fill("No links.")
    presses(page, "Save")
    expect(page.get_by_role("status")).to_have_text("The comment is changed.")
    expect(page.locator("del")).to_contain_text("https://bargain.example/0")
    expect(page.locator("ins")).to_contain_text("none.")
    opens_the_article(day)
    expect(day.reader.get_by_role("article")).to_have_count(2)
    expect(day.reader.get_by_text("Bargains: none.")).to_be_visible()


def opens_the_article(day: Day) -> None:
    """Open the article anew in the reader's browser."""
    day.reader.goto(day.article)
    day.reader.locator("afterword-thread").get_by_role("heading", level=2).first.wait_for()


def reader_writes(day: Day, body: str, name: str = "Ada") -> None:
    """Have the reader write a comment, and send it."""
    day.reader.get_by_role("textbox", name="Your comment").fill(body)
    day.reader.get_by_label(re.compile("^Name")).fill(name)
    day.reader.get_by_role("button", name="Send comment").click()


def closes_the_article_and_opens_it_again(day: Day, page: Page) -> None:
    """Close it while the reader has it open: it takes nothing any more, and says why; then open it."""
    page.goto(day.at("pages"))
    page.get_by_role("link", name="article").first.click()
    page.get_by_label("Reason").fill("It is late.")
    presses(page, "Close this page")
    expect(page.get_by_role("status")).to_contain_text("Closed.")
    reader_writes(day, "One more word.")
    expect(day.reader.get_by_text("Comments are closed.").first).to_be_visible()
    expect(day.reader.get_by_text("It is late.").first).to_be_visible()
    opens_the_article(day)
    expect(day.reader.get_by_text("It is late.").first).to_be_visible()
    expect(day.reader.get_by_role("button", name="Send comment")).to_have_count(0)
    assert day.service.thread(day.article)["page"]["count"] == 2
    presses(page, "Open this page")
    expect(page.get_by_role("status")).to_contain_text("Opened by hand")
    opens_the_article(day)
    reader_writes(day, "One more word.")
    expect(day.reader.get_by_role("article")).to_have_count(3)


def bans_a_name(day: Day, page: Page) -> None:
    """Ban the name of a comment from its page: the next comment under it is refused, in words, and not lost."""
    page.goto(day.at(f"comments/{day.written['spam']}"))
    page.get_by_role("link", name="The name").click()
    expect(page.get_by_label("Which")).to_have_value("Ben spam")
    page.get_by_label("Reason").fill("Sells.")
    presses(page, "Ban")
    expect(page.get_by_role("status")).to_have_text("The ban holds from now on.")
    reader_writes(day, "I am back.", "BEN Spam")
    expect(day.reader.get_by_text("This name cannot be used on this site.").first).to_be_visible()
    expect(day.reader.get_by_role("textbox", name="Your comment")).to_have_value("I am back.")
    assert day.service.thread(day.article)["page"]["count"] == 3


def tries_a_rule_and_switches_it_on(day: Day, page: Page) -> None:
    """See what a word would have held in the last thirty days, while nothing changes; then let it hold."""
    page.goto(day.at("rules/news"))
    page.get_by_label("Words that hold a comment").fill("fine")
    presses(page, "See what these would change")
    expect(page.get_by_role("status")).to_contain_text("1 of these would be given another state")
    expect(page.get_by_role("table").last).to_contain_text("A fine article.")
    opens_the_article(day)
    reader_writes(day, "A fine day.")
    expect(day.reader.get_by_role("article")).to_have_count(4)
    presses(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("The rules are saved")
    reader_writes(day, "A fine evening.")
    expect(day.reader.get_by_text("Held for review").first).to_be_visible()
    page.goto(day.at("queue"))
    expect(page.get_by_text("A fine evening.")).to_be_visible()
    expect(page.get_by_text("it has a word of the list to look at")).to_be_visible()


def comes_from_the_article_itself(day: Day) -> None:
    """Follow a comment's link for operators from the article: it leads to its page, signed in."""
    article = day.visit.opens(f"{day.article}#afterword-operator")
    with day.visit.context.expect_page() as opened:
        article.locator(f"#comment-{day.written['fine']}").get_by_role("link", name="Moderate", exact=True).click()
    opened.value.wait_for_url(day.at(f"comments/{day.written['fine']}"))
    expect(opened.value.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    expect(opened.value.get_by_text("A fine article.").first).to_be_visible()
    opened.value.close()
    article.close()


def reads_in_the_log_what_was_done(day: Day, page: Page) -> None:
    """Find all of the day in the log, newest first, with its reasons."""
    page.goto(day.at("audit?actor=ann"))
    rows = [row.get_by_role("cell").all_inner_texts() for row in page.get_by_role("row").all()[1:]]
    assert [cell.get_attribute("title") for cell in page.locator("td[title]").all()] == DONE[::-1]
    assert {row[1] for row in rows} == {"ann ui"}
    assert {row[5] for row in rows} == {"", "Both are fine.", "No links.", "It is late.", "Sells."}
