"""The shipped script when somebody writes: at once, safely, and never a word lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.unit.widget.conftest import Service, Visitor, comment, send, write

SLOW = "() => { window.fetch = () => new Promise((done) => { window.answer = done }) }"
KEPT = "JSON.stringify(Object.entries(localStorage))"


def _header(service: Service, name: str, write: int = -1) -> str | None:
    headers = {key.lower(): value for key, value in service.writes[write][0].items()}
    return headers.get(name.lower())


def test_a_comment_is_sent_shown_said_and_its_writer_remembered(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    assert page.evaluate("localStorage.length") == 0
    form = write(page)
    form.get_by_label("Website").fill("example.org")
    send(form)
    expect(page.locator("#comment-901")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    expect(form.get_by_label("Your comment")).to_have_value("")
    _, sent = service.writes[0]
    author = {"name": "Nora", "website": "https://example.org"}
    assert sent.pop("form") == {}  # the trap is laid wherever somebody writes, and has caught nothing
    assert sent == {"page": f"{service.host}/page", "title": "Host", "body": "A thought.", "author": author}
    assert re.fullmatch(r"[\w-]{16,64}", _header(service, "Idempotency-Key") or "")
    assert _header(service, "Authorization") is None
    assert _header(service, "Cookie") is None
    kept = dict(page.evaluate("Object.entries(localStorage)"))
    assert kept.pop(f"afterword:reader:{service.address}") == "reader-key-of-this-browser"
    assert set(kept) == {f"afterword:author:{service.address}"}

    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Nora")
    form = write(page, "Another.")
    send(form)
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    assert _header(service, "Authorization") == "Bearer reader-key-of-this-browser"
    assert _header(service, "Idempotency-Key", 0) != _header(service, "Idempotency-Key", 1)


def test_a_text_stands_in_its_place_while_it_is_on_its_way(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    page.evaluate(SLOW)
    send(write(page, "One.\n\n<b>Two.</b>"))
    waiting = page.get_by_role("article", name="Nora")
    expect(waiting).to_contain_text("<b>Two.</b>")
    expect(waiting.get_by_text("Sending…")).to_be_visible()
    expect(waiting).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("")
    assert "One." in page.evaluate(KEPT)
    made = service.made({"body": "One", "author": {"name": "Nora"}})
    page.evaluate("made => answer(new Response(JSON.stringify({comment: made}), {status: 201}))", made)
    expect(page.locator("#comment-900")).to_be_focused()
    expect(page.get_by_text("Sending…")).to_have_count(0)
    assert "One." not in page.evaluate(KEPT)


def test_a_reply_is_written_in_place_and_stands_under_its_parent(visitor: Visitor, service: Service) -> None:
    service.comments = [comment(1), comment(2, parent=1, depth=1), comment(3)]
    page = visitor.opens()
    page.locator("#comment-1").get_by_role("button", name="Reply to Ann").click()
    reply = page.get_by_role("form", name="Reply to Ann")
    expect(reply.get_by_label("Your reply to Ann")).to_be_focused()
    page.keyboard.type("Quite so.")
    reply.get_by_label("Name").fill("Nora")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#comment-901")).to_be_focused()
    assert service.writes[0][1]["parent"] == 1
    order = page.get_by_role("article").evaluate_all("all => all.map((article) => article.id)")
    assert order == ["comment-1", "comment-2", "comment-901", "comment-3"]
    expect(reply).to_have_count(0)


@pytest.mark.parametrize("way", ["Escape", "Cancel"])
def test_leaving_a_reply_gives_the_focus_back_and_keeps_the_text(visitor: Visitor, way: str) -> None:
    page = visitor.opens()
    button = page.get_by_role("button", name="Reply to Ann")
    button.click()
    page.keyboard.type("Unfinished")
    if way == "Escape":
        page.keyboard.press(way)
    else:
        page.get_by_role("button", name=way).click()
    expect(button).to_be_focused()
    expect(page.get_by_label("Your reply to Ann")).to_have_count(0)
    page.reload()
    expect(button).to_be_visible()
    expect(page.get_by_label("Your reply to Ann")).to_have_count(0)
    button.click()
    expect(page.get_by_label("Your reply to Ann")).to_have_value("Unfinished")


def test_texts_come_back_after_a_reload_without_taking_the_focus(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_label("Your comment").fill("To the thread")
    page.get_by_role("button", name="Reply to Ann").click()
    page.keyboard.type("To Ann")
    page.reload()  # within the pause before texts are written: leaving the page writes them
    expect(page.get_by_label("Your comment")).to_have_value("To the thread")
    expect(page.get_by_label("Your reply to Ann")).to_have_value("To Ann")
    assert page.evaluate("document.activeElement === document.body")


def test_a_comment_that_is_held_says_so_to_its_writer(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    held = service.made({"body": "x", "author": {"name": "Nora"}}, state="pending", number=None)
    service.answers = [(202, {"comment": held}, {})]
    send(write(page))
    expect(page.locator("article", has_text="Held for review: only you can see it for now.")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("Held for review")
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()
    expect(page.get_by_role("button", name="Reply to Nora")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "kind", "headers", "problem", "said"),
    [
        (409, "duplicate", {}, {"detail": "The same text is here already."}, "The same text is here already."),
        (403, "refused", {}, {"detail": "No links here."}, "No links here."),
        (403, "origin-not-allowed", {}, {}, "This comment was not accepted."),
        (413, "too-large", {}, {}, "This comment was not accepted."),
        (429, "too-many", {"Retry-After": "170"}, {}, "Too many comments at once. Try again in 3 minutes."),
        (
            422,
            "invalid",
            {},
            {"errors": {"Idempotency-Key": ["Used."]}},
            "An earlier version of this was already sent.",
        ),
    ],
)
def test_a_refused_text_comes_back_with_the_reason_and_a_new_key(
    visitor: Visitor, service: Service, status: int, kind: str, headers: dict[str, str], problem: Any, said: str
) -> None:
    page = visitor.opens()
    service.refuses(status, kind, headers, **problem)
    form = write(page, "Not like this.")
    send(form)
    expect(form.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(said)
    expect(form.get_by_label("Your comment")).to_be_focused()
    expect(form.get_by_label("Your comment")).to_have_value("Not like this.")
    expect(page.get_by_role("article")).to_have_count(1)
    send(form)
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    assert _header(service, "Idempotency-Key", 0) != _header(service, "Idempotency-Key", 1)


def test_wrong_fields_are_named_where_they_are(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    errors = {"author": {"name": ["Not this name.", "Nor that."]}, "body": ["Say more."]}
    service.refuses(422, "invalid", detail="Some fields need a change.", errors=errors)
    form = write(page)
    send(form)
    for label, fault in (("Your comment", "Say more."), ("Name", "Not this name. Nor that.")):
        control = form.get_by_label(label)
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(control).to_have_accessible_description(re.compile(f"^{re.escape(fault)}"))
    expect(form.get_by_label("Your comment")).to_be_focused()
    form.get_by_label("Name").fill("Nora B.")
    expect(form.get_by_label("Name")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("Your comment", "  \n ", True),
        ("Name", " ", True),
        ("E-mail", "nora@", True),
        ("E-mail", "nora@example.org", False),
        ("Website", "http://", True),
        ("Website", "example.org/~nora", False),
    ],
)
def test_what_can_be_told_here_is_told_before_sending(
    visitor: Visitor, service: Service, field: str, value: str, wrong: bool
) -> None:
    page = visitor.opens()
    form = write(page)
    form.get_by_label(field).fill(value)
    send(form)
    if wrong:
        expect(form.get_by_label(field)).to_be_focused()
        expect(form.get_by_label(field)).to_have_attribute("aria-invalid", "true")
        assert service.writes == []
    else:
        expect(page.get_by_role("status")).to_have_text("Your comment was added.")


def test_a_text_beyond_the_limit_says_by_how_much(visitor: Visitor, service: Service) -> None:
    service.site = {"body": 10, "names": "optional"}
    page = visitor.opens()
    form = page.locator(".foot form")
    form.get_by_label("Your comment").fill("🙂" * 12)
    expect(form.get_by_text("2 characters too many.")).to_be_visible()
    form.get_by_label("Your comment").fill("🙂" * 10)
    expect(form.get_by_text("too many")).to_have_count(0)
    send(form)
    expect(page.get_by_role("article", name="Anonymous")).to_be_visible()


def test_without_a_network_the_text_waits_and_goes_when_it_is_back(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    visitor.context.set_offline(True)
    send(write(page))
    unsent = page.locator("article", has_text="Not sent yet. Check your connection.")
    expect(unsent).to_be_focused()
    assert "A thought." in page.evaluate(KEPT)
    unsent.get_by_role("button", name="Try again").click()
    expect(unsent).to_be_visible()
    visitor.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    assert len(service.writes) == 1
    assert "A thought." not in page.evaluate(KEPT)


def test_a_busy_service_keeps_the_text_and_its_key(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    service.refuses(503, "unavailable", {"Retry-After": "5"})
    send(write(page))
    expect(page.get_by_text("The comment service is not answering.").first).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    assert _header(service, "Idempotency-Key", 0) == _header(service, "Idempotency-Key", 1)


def test_an_unsent_text_can_be_taken_back_into_the_form(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    service.refuses(503, "unavailable")
    send(write(page, "The first."))
    expect(page.get_by_role("button", name="Edit")).to_be_visible()
    page.get_by_label("Your comment").fill("Begun since.")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Your comment")).to_have_value("The first.\n\nBegun since.")
    expect(page.get_by_label("Your comment")).to_be_focused()
    expect(page.get_by_role("article")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("The first.\n\nBegun since.")


def test_a_text_whose_answer_nobody_waited_for_is_confirmed_on_the_next_visit(
    visitor: Visitor, service: Service
) -> None:
    page = visitor.opens()
    page.evaluate(SLOW)
    send(write(page))
    expect(page.get_by_text("Sending…")).to_be_visible()
    service.comments.append(comment(901, "<p>A thought.</p>"))
    page.reload()
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    expect(page.get_by_label("Your comment")).to_have_value("")
    expect(page.get_by_role("article")).to_have_count(2)
    assert "A thought." not in page.evaluate(KEPT)


def test_a_page_that_closes_meanwhile_turns_into_a_closed_one_and_gives_the_text_back(
    visitor: Visitor, service: Service
) -> None:
    page = visitor.opens()
    service.refuses(403, "page-closed", detail="Comments are closed.", reason="Enough.", reopens=None)
    service.page = {"closed": True, "reason": "Enough."}
    send(write(page, "Too late."))
    expect(page.get_by_text("Enough.")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Comments are closed.")
    expect(page.get_by_role("button", name=re.compile("Reply"))).to_have_count(0)
    kept = page.get_by_role("textbox")
    expect(kept).to_have_value("Too late.")
    expect(kept).not_to_be_editable()
    page.reload()
    expect(kept).to_have_value("Too late.")
    page.get_by_role("button", name="Discard").click()
    page.reload()
    expect(page.get_by_text("Comments are closed.")).to_be_visible()
    expect(kept).to_have_count(0)


def test_forbidden_storage_costs_no_comment(visitor: Visitor) -> None:
    forbidden = "{ get() { throw new DOMException('no', 'SecurityError') } }"
    page = visitor.opens(script=f"Object.defineProperty(window, 'localStorage', {forbidden})")
    send(write(page))
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")


def test_a_reader_who_went_on_keeps_the_focus(visitor: Visitor, service: Service) -> None:
    page = visitor.opens()
    page.evaluate(SLOW)
    send(write(page))
    page.get_by_label("Your comment").fill("The next one")
    made = service.made({"body": "One", "author": {"name": "Nora"}})
    page.evaluate("made => answer(new Response(JSON.stringify({comment: made}), {status: 201}))", made)
    expect(page.locator("#comment-900")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("The next one")
