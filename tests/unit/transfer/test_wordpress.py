from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from service.errors import Invalid
from service.text import to_html
from service.transfer import wordpress
from service.transfer.record import CommentRecord, PageRecord, Record, Skipped

NASTY = Path(__file__).parent / "data" / "nasty.wordpress.xml"
DEMO = Path(__file__).parents[3] / "demo" / "thread.wordpress.xml"


def read(path: Path) -> list[Record]:
    with path.open("rb") as stream:
        return list(wordpress.read(stream))


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return read(NASTY)


@pytest.fixture(scope="module")
def comments(records: list[Record]) -> dict[str, CommentRecord]:
    """Return the comments by their ids in WordPress, without what stands before them."""
    return {bare(record.source_id): record for record in records if isinstance(record, CommentRecord)}


def bare(source_id: str | None) -> str | None:
    return source_id and source_id.rpartition(":")[2]


def export(items: str, version: str = "1.2") -> BytesIO:
    return BytesIO(
        f'<rss xmlns:wp="http://wordpress.org/export/{version}/"><channel>'
        f"<wp:wxr_version>{version}</wp:wxr_version>{items}</channel></rss>".encode()
    )


def item(comments: str, head: str = "") -> str:
    return f"<item><link>https://example.org/a/</link><wp:post_id>1</wp:post_id>{head}{comments}</item>"


def comment(**fields: str) -> str:
    fields = {"id": "1", "date_gmt": "2012-03-04 05:06:07", "content": "Words.", "approved": "1"} | fields
    inner = "".join(f"<wp:comment_{name}>{text}</wp:comment_{name}>" for name, text in fields.items())
    return f"<wp:comment>{inner}</wp:comment>"


def test_pages_that_carry_comments_or_could_be_closed_come_and_nothing_else(records):
    assert [record for record in records if isinstance(record, PageRecord)] == [
        PageRecord("1", "https://example.org/one/", "Café & more", closed=True),
        PageRecord("2", "https://example.org/silent/", "Silent", closed=True),
        PageRecord("3", "https://example.org/friends/", "", closed=False),
        PageRecord("4", "https://example.org/secret/", "", closed=False),
        PageRecord("7", "https://example.org/one/a-picture/", "a-picture", closed=False),
        PageRecord("8", "https://example.org/imitation/", "An imitation", closed=True),
    ]


def test_a_page_comes_once_and_before_its_comments(records):
    seen: list[str] = []
    for record in records:
        if isinstance(record, PageRecord):
            assert record.source_id not in seen
            seen.append(record.source_id)
        elif isinstance(record, CommentRecord):
            assert record.page == seen[-1]


def test_every_comment_of_the_file_is_told_or_skipped_for_a_reason(records):
    told = [record for record in records if not isinstance(record, PageRecord)]
    assert len(told) == NASTY.read_bytes().count(b"<wp:comment>")
    assert Counter(record.reason for record in told if isinstance(record, Skipped)) == {
        "pingback": 1,
        "trackback": 1,
        "note": 1,
        "order_note": 1,
        "in the bin with its page": 1,
        "empty": 2,
        "without an id": 1,
        "its page has no address": 1,
    }


@pytest.mark.parametrize(
    ("source_id", "state"),
    [
        ("11", "published"),
        ("35", "published"),
        ("36", "published"),
        ("21", "published"),
        ("22", "published"),
        ("30", "pending"),
        ("31", "pending"),
        ("37", "pending"),
        ("32", "spam"),
        ("33", "deleted"),
    ],
)
def test_what_wordpress_thought_of_a_comment_becomes_its_state(comments, source_id, state):
    assert comments[source_id].state == state


@pytest.mark.parametrize(("source_id", "state"), [("50", "pending"), ("51", "spam"), ("52", "pending")])
def test_comments_that_nobody_could_read_there_are_not_published_here(comments, source_id, state):
    assert comments[source_id].state == state


@pytest.mark.parametrize(
    ("source_id", "parent"),
    [("11", None), ("12", "11"), ("13", "999"), ("14", None)],
    ids=["none", "later in the file", "nowhere", "itself"],
)
def test_parents_are_told_as_the_file_has_them(comments, source_id, parent):
    assert bare(comments[source_id].parent) == parent


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<link>https://one.example</link>", "<link>https://two.example</link>", False),
        ("<link>https://one.example/a</link>", "<link>https://one.example/b</link>", False),
        ("<link>http://one.example</link>", "<link>https://www.One.example/</link>", True),
        (
            "<link>https://one.example</link>",
            "<link>https://x.example</link><wp:base_blog_url>https://one.example</wp:base_blog_url>",
            True,
        ),
        ("", "", True),
    ],
    ids=["another host", "another path", "another scheme", "another front page", "nameless"],
)
def test_ids_of_two_blogs_are_different_and_of_one_blog_the_same(one, other, same):
    answer = item(comment() + comment(id="2", parent="1"))
    first, second = ([r for r in wordpress.read(export(head + answer))][1:] for head in (one, other))
    assert (first[0].source_id == second[0].source_id) is same
    assert first[1].parent == first[0].source_id
    assert len(first[0].source_id) < 30


@pytest.mark.parametrize(
    ("source_id", "created"),
    [
        ("11", datetime(2012, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("15", datetime(2012, 3, 4, 8, 0, 0, tzinfo=UTC)),
        ("16", datetime(2012, 3, 1, 10, 0, 0, tzinfo=UTC)),
    ],
    ids=["UTC", "local time for want of it", "the page's for want of both"],
)
def test_a_comment_has_the_best_date_that_the_file_knows(comments, source_id, created):
    assert comments[source_id].created == created


@pytest.mark.parametrize("date", ["", "0000-00-00 00:00:00", "-0001-11-30 00:00:00", "2012-02-30 00:00:00", "soon"])
def test_without_any_date_a_comment_is_skipped(date):
    records = list(wordpress.read(export(item(comment(date_gmt=date)))))
    assert records[0] == Skipped("1", "without a date")


@pytest.mark.parametrize(
    ("source_id", "body"),
    [
        ("40", "One two three four."),
        ("41", "First line\nsecond line\n\nSecond paragraph."),
        ("42", "See [this](https://example.com/a?b=1&c=2), *please*."),
        ("43", "Plain *and* CDATA: a ]]> b & — done"),
        ("44", "Café au lait"),
        ("49", "fine"),
    ],
    ids=["control bytes", "newlines", "HTML", "plain and CDATA mixed", "stray byte", "beside other elements"],
)
def test_content_becomes_markdown(comments, source_id, body):
    assert comments[source_id].body == body


def test_a_single_newline_is_a_line_break_for_readers(comments):
    html = to_html(comments["41"].body).html
    assert html.count("<br") == 1
    assert html.count("<p>") == 2


def test_names_and_addresses_are_plain_text(comments):
    escaped, bare = comments["47"], comments["48"]
    assert (escaped.name, escaped.website) == ("O'Neil & Co", "https://example.com/?a=1&copy=2")
    assert (bare.name, bare.email, bare.website) == ("", "", "")


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_every_version_of_the_format_is_read(version):
    page, found = wordpress.read(export(item(comment()), version))
    assert page == PageRecord("1", "https://example.org/a/", "", closed=False)
    assert isinstance(found, CommentRecord)


def test_comments_come_while_the_file_is_read():
    head = "".join(
        f"<{tag}>{text}</{tag}>"
        for tag, text in {
            "title": "A",
            "wp:post_date_gmt": "2012-03-01 10:00:00",
            "wp:comment_status": "open",
            "wp:status": "publish",
            "wp:post_type": "post",
        }.items()
    )
    stream = export(item("".join(comment(id=str(n), content="Words. " * 200) for n in range(1, 1001)), head))
    records = wordpress.read(stream)
    assert isinstance(next(records), PageRecord)
    assert isinstance(next(records), CommentRecord)
    assert stream.tell() < 200_000 < len(stream.getvalue())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<feed/>", "A WordPress export begins with <rss>, this file with <feed>."),
        (b"<rss><channel><item><title>x</title></item></channel></rss>", "This is a feed and no export"),
        (b"<rss/>", "This is a feed and no export"),
        (b"<!DOCTYPE html><html></html>", "The file declares a document type"),
        (NASTY.read_bytes().partition(b"econd paragraph")[0], "The file ends too early: line 337, unclosed CDATA"),
    ],
    ids=["another format", "a feed", "nothing", "a web page", "cut off within CDATA"],
)
def test_what_is_no_sound_export_is_refused(content, sentence):
    with pytest.raises(Invalid) as caught:
        list(wordpress.read(BytesIO(content)))
    assert caught.value.fields["file"][0].startswith(sentence)


def test_the_demonstration_has_seventeen_comments_on_a_closed_page():
    records = read(DEMO)
    published = [record for record in records if isinstance(record, CommentRecord) and record.state == "published"]
    numbers = {c.source_id: n for n, c in enumerate((c for c in published if c.parent is None), 1)}
    assert [record.closed for record in records if isinstance(record, PageRecord)] == [True]
    assert (len(published), len(numbers)) == (17, 13)
    assert sorted(numbers[c.parent] for c in published if c.parent) == [4, 9, 11, 13]
    others = Counter(getattr(record, "reason", getattr(record, "state", "")) for record in records)
    assert others == {"published": 17, "deleted": 1, "spam": 1, "pingback": 1, "note": 1, "": 1}
