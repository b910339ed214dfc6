"""Writing: a reader posts, replies, loses the network, and never a word."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Service, Visit, await_that


def writes(page: Page, text: str, name: str = "Ann") -> None:
    """Fill in the form under the thread."""
    page.get_by_role("textbox", name="Your comment").fill(text)
    page.get_by_label(re.compile("^Name")).fill(name)


def sends(page: Page) -> None:
    """Press the form's button."""
    page.get_by_role("button", name="Send comment").click()


def test_a_reader_posts_replies_reloads_and_finds_both(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("conversation"))
    writes(page, "A **fine** clock.\nIt is late.")
    sends(page)
    first = page.get_by_role("article").first
    expect(first).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    expect(first.locator("strong")).to_have_text("fine")
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()

    page.get_by_role("button", name="Reply to Ann").click()
    reply = page.get_by_label(re.compile("Your reply to Ann"))
    expect(reply).to_be_focused()
    reply.fill("By ten minutes, no less.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.locator("ol ol").get_by_role("article")).to_have_id(re.compile(r"^comment-\d+$"))  # it has arrived

    page.reload()
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    expect(page.get_by_role("article").nth(0)).to_contain_text("A fine clock.")
    expect(page.locator("ol ol").get_by_role("article")).to_contain_text("By ten minutes, no less.")
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("")
    expect(page.get_by_label(re.compile("^Name"))).to_have_value("Ann")


def test_a_reply_form_that_is_cancelled_gives_the_focus_back(visit: Visit, service: Service) -> None:
    address = service.hosts("cancelled")
    service.posts(address, "Something to reply to.")
    page = visit.opens(address)
    button = page.get_by_role("button", name="Reply to Ben")
    button.press("Enter")
    expect(page.get_by_label(re.compile("Your reply to Ben"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_label(re.compile("Your reply to Ben"))).to_have_count(0)


def test_losing_the_network_while_posting_loses_no_text(visit: Visit, service: Service) -> None:
    address = service.hosts("offline")
    page = visit.opens(address)
    writes(page, "Written on a train.")
    visit.context.set_offline(True)
    sends(page)
    expect(page.get_by_text("Not sent yet.").first).to_be_visible()
    expect(page.get_by_text("Written on a train.").first).to_be_visible()
    visit.context.set_offline(False)  # the browser says so, and the widget sends by itself
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()
    assert [comment["html"] for comment in service.thread(address)["comments"]] == ["<p>Written on a train.</p>"]


def test_what_was_not_sent_is_there_after_a_reload(visit: Visit, service: Service) -> None:
    address = service.hosts("reloaded")
    page = visit.opens(address)
    page.get_by_role("textbox", name="Your comment").fill("Half a thou")
    page.get_by_role("textbox", name="Your comment").press_sequentially("ght")
    # evaluated from here, since the page's own policy forbids what wait_for_function does
    kept = "Object.values(localStorage).join().includes('Half a thought')"
    await_that(lambda: bool(page.evaluate(kept)))
    page.reload()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("Half a thought")


def test_a_lost_answer_leads_to_one_comment_not_two(visit: Visit, service: Service) -> None:
    address = service.hosts("lost")
    page = visit.opens(address)

    def lose(route: Route) -> None:
        route.fetch()  # it arrives and is stored; only the answer is lost
        route.abort()

    visit.context.route("**/api/v1/comments", lose)
    writes(page, "Sent twice, stored once.")
    sends(page)
    expect(page.get_by_text("Not sent yet.").first).to_be_visible()
    visit.context.unroute("**/api/v1/comments")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Your comment was added.")).to_be_attached()
    expect(page.get_by_text("Sent twice, stored once.")).to_have_count(1)
    assert service.thread(address)["page"]["count"] == 1


def test_a_page_closed_while_somebody_writes_says_so_and_keeps_the_text(visit: Visit, service: Service) -> None:
    address = service.hosts("closing")
    service.posts(address, "In time.")
    page = visit.opens(address)
    writes(page, "Too late, alas.")
    service.runs("page", "close", address, "--reason", "Everything has been said.", "--until", "2099-01-01")
    sends(page)
    expect(page.get_by_text("Comments are closed.").first).to_be_visible()
    expect(page.get_by_text("Everything has been said.").first).to_be_visible()
    kept = page.get_by_role("textbox")
    expect(kept.first).to_have_value("Too late, alas.")
    expect(page.get_by_role("button", name=re.compile("Reply"))).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Open again on")).to_be_visible()
    expect(page.get_by_text("In time.")).to_be_visible()


def test_a_comment_that_is_held_is_shown_to_its_author_and_said(visit: Visit, service: Service) -> None:
    address = service.hosts("held")
    page = visit.opens(address)
    writes(page, " ".join(f"https://example.org/{number}" for number in range(6)))
    sends(page)
    expect(page.get_by_text("Held for review").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("")
    assert service.thread(address)["comments"] == []


@pytest.mark.parametrize(
    ("text", "name", "wrong"),
    [("", "Ann", "Your comment"), ("A text", "", "Name"), ("a" * 10_001, "Ann", "Your comment")],
    ids=["no text", "no name", "too long"],
)
def test_a_wrong_field_is_named_marked_and_focused(
    visit: Visit, service: Service, text: str, name: str, wrong: str
) -> None:
    page = visit.opens(service.hosts("wrong"))
    writes(page, text, name)
    sends(page)
    control = page.get_by_label(re.compile(f"^{wrong}"))
    expect(control).to_be_focused()
    expect(control).to_have_attribute("aria-invalid", "true")
    about = str(control.get_attribute("aria-describedby")).split()[0]
    expect(page.locator(f"#{about}")).not_to_be_empty()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value(text)


def test_a_refusal_by_the_service_is_said_in_words_and_keeps_the_text(visit: Visit, service: Service) -> None:
    address = service.hosts("refused")
    service.posts(address, "Exactly the same words.")
    page = visit.opens(address)
    writes(page, "Exactly the same words.")
    sends(page)
    expect(page.get_by_role("form").get_by_text("The same text was posted on this page a moment ago.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("Exactly the same words.")


def test_a_thread_taken_away_and_put_back_keeps_the_draft(visit: Visit, service: Service) -> None:
    address = service.hosts("single")
    service.posts(address, "Here before.")
    page = visit.opens(address)
    page.get_by_role("textbox", name="Your comment").fill("A draft on a moving page")
    page.evaluate("window.__kept = document.querySelector('afterword-thread'); window.__kept.remove()")
    expect(page.get_by_role("article")).to_have_count(0)
    page.evaluate("document.querySelector('main').append(window.__kept)")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("A draft on a moving page")


def test_a_script_tag_twice_makes_one_thread_each_and_no_error(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("twice", "<h1>twice</h1>{tag}{tag}"))
    expect(page.get_by_role("heading", name="No responses yet").first).to_be_visible()


def test_storage_that_is_forbidden_costs_no_comment(visit: Visit, service: Service) -> None:
    visit.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page = visit.opens(service.hosts("private"))
    writes(page, "Written where nothing may be kept.")
    sends(page)
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()
