"""What holds for whatever is thought up: addresses of pages, and what the rules say of a comment (Hypothesis)."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from service import pages
from service.errors import AfterwordError, NotAPage
from service.pages import key
from service.people.audit import COMMAND_LINE
from service.text import clean_line, safe_url
from tests.conftest import NOW, ORIGIN, OTHER_ORIGIN, Reader, stored

PIECES = st.sampled_from(
    [
        *"/?#&=:@%.;,+-_~[]()\\ \t\né字\u202e",
        "..",
        "%2e",
        "%00",
        "//",
        "utm_source=x",
        "index.html",
        "amp",
        "www.",
        "%C3%A9",
    ]
)
TAILS = st.lists(PIECES | st.text(max_size=6), max_size=12).map("".join)


@settings(max_examples=300)
@given(TAILS)
def test_the_key_of_a_key_is_itself_and_of_its_own_site(tail: str) -> None:
    with suppress(NotAPage):
        parsed = key.parse(f"{ORIGIN}/{tail}")
        again = key.parse(parsed.url)
        assert again == key.parse(again.url)
        assert parsed.origin == again.origin == ORIGIN


@settings(max_examples=300)
@given(st.text(max_size=60) | TAILS.map(lambda tail: f"https:{tail}"))
def test_whatever_is_no_page_is_refused_as_that(address: str) -> None:
    with suppress(NotAPage):
        assert key.parse(address).origin.startswith(("http://", "https://"))


@settings(max_examples=300)
@given(st.text(max_size=40) | TAILS.map(lambda tail: f"https://example.org{tail}"))
def test_an_address_that_may_be_a_link_is_its_own_safe_spelling(address: str) -> None:
    safe = safe_url(address, mail=True)
    assert safe is None or safe_url(safe, mail=True) == safe


@settings(max_examples=300)
@given(st.text(max_size=80))
def test_a_cleaned_line_is_clean(text: str) -> None:
    with suppress(ValueError):
        line = clean_line(text)
        assert clean_line(line) == line
        assert "\n" not in line


def test_no_address_leads_to_another_sites_pages_and_every_verdict_names_its_rule(reader: Reader) -> None:
    pages.add("other", [OTHER_ORIGIN], NOW, COMMAND_LINE)

    @settings(max_examples=60)
    @given(TAILS, st.text(min_size=1, max_size=40), st.text(max_size=30))
    def ask(tail: str, body: str, name: str) -> None:
        with suppress(AfterwordError):
            assert pages.locate_at_once(f"{ORIGIN}{tail}", None).site.name == "blog"
        sent = {"author": {"name": f"n{name}"}, "page": f"{ORIGIN}/{tail}"}
        assert reader.posts(f"{body} x", **sent).status_code in (201, 202, 400, 404, 409, 422)

    ask()
    assert {row["site_id"] for row in stored("comments")} == {1}
    assert [row for row in stored("comments") if row["state"] != "published" and row["rule"] is None] == []
