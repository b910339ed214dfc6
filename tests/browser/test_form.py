"""A site that asks for a form and for work: readers notice nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Service, Visit
from tests.browser.test_writing import sends, writes


@pytest.fixture
def _strict(service: Service) -> Iterator[None]:
    service.runs("rules", "set", "news", "form=required", "work=2", "min_seconds=1")
    yield
    service.runs("rules", "set", "news", "form=", "work=", "min_seconds=")


@pytest.mark.usefixtures("_strict")
def test_a_comment_is_taken_with_its_form_and_its_work(visit: Visit, service: Service) -> None:
    address = service.hosts("guarded")
    page = visit.opens(address)
    writes(page, "Written by hand.")
    sends(page)
    expect(page.get_by_role("heading", name="1 response")).to_be_visible()
    # another form for another comment, without a click more
    writes(page, "And once more.")
    sends(page)
    expect(page.get_by_role("heading", name="2 responses")).to_be_visible()
    bodies = [comment["html"] for comment in service.thread(address)["comments"]]
    assert bodies == ["<p>Written by hand.</p>", "<p>And once more.</p>"]
    assert sum("/api/v1/form" in request for request in visit.requests) == 2


def test_a_trap_needs_no_form_to_be_asked_for(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("trapped-as-ever"))
    writes(page, "Written by hand.")
    page.locator("input[name=subject]").evaluate("field => { field.value = 'Cheap pills'; }")
    sends(page)
    expect(page.get_by_text("Held for review").first).to_be_visible()
    assert not any("/api/v1/form" in request for request in visit.requests)


@pytest.mark.usefixtures("_strict")
def test_the_trap_is_seen_by_no_reader(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("trapped"))
    writes(page, "Written by hand.")
    trap = page.locator("input[name=subject]")
    expect(trap).to_have_count(1)
    expect(page.get_by_role("textbox", name="Leave this empty")).to_have_count(0)  # as assistive technology sees it
    assert trap.evaluate("field => field.tabIndex") == -1
    trap.evaluate("field => { field.value = 'Cheap pills'; }")
    sends(page)
    expect(page.get_by_text("Held for review").first).to_be_visible()


def test_a_text_kept_from_before_the_site_asked_is_not_lost(visit: Visit, service: Service) -> None:
    address = service.hosts("asked-later")
    page = visit.opens(address)
    writes(page, "Begun in time.")
    service.runs("rules", "set", "news", "form=required")
    try:
        sends(page)
        expect(page.get_by_text("takes comments from its form only").first).to_be_visible()
        expect(page.get_by_role("textbox", name="Your comment")).to_have_value("Begun in time.")
        page.reload()
        expect(page.get_by_role("textbox", name="Your comment")).to_have_value("Begun in time.")
        writes(page, "Begun in time.")
        sends(page)
        expect(page.get_by_role("heading", name="1 response")).to_be_visible()
    finally:
        service.runs("rules", "set", "news", "form=")


def test_a_comment_hidden_by_a_ban_stays_where_its_author_left_it(visit: Visit, service: Service) -> None:
    address = service.hosts("shadow")
    service.posts(address, "Of somebody else.")
    service.runs("ban", "add", "name", "Shadow", "--shadow")
    page = visit.opens(address)
    writes(page, "Nobody hears me.", "Shadow")
    sends(page)
    expect(page.get_by_role("status")).to_have_text("Your comment was added.")
    page.reload()
    expect(page.get_by_text("Nobody hears me.")).to_be_visible()
    expect(page.get_by_text("Held for review")).to_have_count(0)
    assert [comment["html"] for comment in service.thread(address)["comments"]] == ["<p>Of somebody else.</p>"]
