from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO, cast

import pytest

from service.errors import Invalid
from service.transfer import xml

MIB = 1024 * 1024


class Endless:
    """A file made while it is read, so that a test of memory measures the reader and not its input."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (part := next(self._parts, None)):
            self._rest += part
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def streamed(head: bytes, part: bytes, times: int, tail: bytes = b"") -> BinaryIO:
    def parts() -> Iterator[bytes]:
        yield head
        for _ in range(times):
            yield part
        yield tail

    return cast(BinaryIO, Endless(parts()))


def texts(content: bytes) -> dict[str, str]:
    """Return the text of every element by its tag."""
    return {path[-1]: element.text or "" for kind, path, element in xml.events(BytesIO(content)) if kind == "end"}


def refusal(stream: BinaryIO) -> str:
    with pytest.raises(Invalid) as caught:
        for _ in xml.events(stream):
            pass
    (sentence,) = caught.value.fields["file"]
    return str(sentence)


def test_events_come_in_the_order_of_the_file_with_their_path():
    content = b'<a><b x="1">two</b><b/></a>'
    assert [(kind, "/".join(path), dict(element.items())) for kind, path, element in xml.events(BytesIO(content))] == [
        ("start", "a", {}),
        ("start", "a/b", {"x": "1"}),
        ("end", "a/b", {"x": "1"}),
        ("start", "a/b", {}),
        ("end", "a/b", {}),
        ("end", "a", {}),
    ]


def test_an_element_is_empty_once_its_end_was_told():
    ended = []
    for kind, path, element in xml.events(BytesIO(b"<a><b><c>text</c></b><b/></a>")):
        assert all(not len(earlier) and not earlier.text for earlier in ended)
        if kind == "end":
            assert len(element) == 0, f"{path} still has children"
            ended.append(element)
    assert len(ended) == 4


def test_namespaces_are_part_of_the_names():
    assert texts(b'<a xmlns:w="http://example.org/1/"><w:b>x</w:b></a>')["{http://example.org/1/}b"] == "x"


@pytest.mark.parametrize("byte", [b for b in range(0x20) if b not in b"\t\n\r"])
def test_control_bytes_that_xml_forbids_are_dropped(byte):
    assert texts(b"<a>one%c <b><![CDATA[t%cwo]]></b></a>" % (byte, byte)) == {"a": "one ", "b": "two"}


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_characters_that_xml_forbids_are_dropped(character):
    assert texts(f"<a>o{character}ne</a>".encode()) == {"a": "one"}


def test_tabs_and_line_ends_stay():
    assert texts(b"<a>\tone\r\ntwo\n</a>") == {"a": "\tone\ntwo\n"}


def test_stray_bytes_are_read_as_windows_1252():
    assert texts("<a>é – ".encode() + b"caf\xe9 \x96 \x81</a>") == {"a": "é – café – \ufffd"}


@pytest.mark.parametrize("character", ["é", "€", "🙂"])
@pytest.mark.parametrize("before", range(4))
def test_a_character_may_lie_across_two_reads(character, before):
    text = "x" * (64 * 1024 - len("<a>") - before) + character + "y"
    assert texts(f"<a>{text}</a>".encode()) == {"a": text}


def test_a_cut_off_character_at_the_end_is_no_crash():
    assert "line 1" in refusal(BytesIO(b"<a>\xe2\x82"))


def test_another_declared_encoding_is_respected():
    assert texts('<?xml version="1.0" encoding="ISO-8859-2"?><a>\x10ő</a>'.encode("iso-8859-2")) == {"a": "ő"}


@pytest.mark.parametrize("ahead", ["\n\n", "\ufeff", "\ufeff \n", " \t"])
def test_a_byte_order_mark_and_blanks_ahead_of_the_declaration_are_no_fault(ahead):
    assert texts(f'{ahead}<?xml version="1.0"?><a>one</a>'.encode()) == {"a": "one"}


def test_the_blank_lines_count_in_an_error():
    assert refusal(BytesIO(b'\n\n<?xml version="1.0"?>\n<a>\n<b></a>')) == (
        "The file is not well-formed XML: line 5, mismatched tag."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file ends too early: line 1, no element found."),
        (b"<a>\n<b>\n", "The file ends too early: line 3, no element found."),
        (b"<a>\n<b", "The file ends too early: line 2, unclosed token."),
        (b"<a>\n\n<![CDATA[text\ntext", "The file ends too early: line 4, unclosed CDATA section."),
        (b"<a>\n&nbsp;</a>", "The file is not well-formed XML: line 2, undefined entity."),
        (b"<a>\n<w:b/></a>", "The file is not well-formed XML: line 2, unbound prefix."),
        (b"no markup", "The file is not well-formed XML: line 1, syntax error."),
        (b"PK\x03\x04rest", "The file is a ZIP archive; unpack it and import the XML file within."),
        ("<a/>".encode("utf-16"), "The file is in UTF-16; save it as UTF-8."),
        (b'<?xml version="1.0" encoding="martian"?><a/>', "The file declares an encoding that cannot be read here"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "The file declares an encoding that cannot be read here"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_of_its_fault(content, sentence):
    assert refusal(BytesIO(content)).startswith(sentence)


def test_what_comes_before_a_fault_is_told():
    told = xml.events(BytesIO(b"<a><b>one</b><b>"))
    assert [next(told).kind for _ in range(4)] == ["start", "start", "end", "start"]
    with pytest.raises(Invalid):
        next(told)


def test_gzip_is_unpacked():
    assert texts(gzip.compress(b"<a>one</a>", mtime=0)) == {"a": "one"}


def test_gzip_may_be_several_files_padded_with_zeros():
    assert texts(gzip.compress(b"<a>one ", mtime=0) + gzip.compress(b"two</a>", mtime=0) + b"\0" * 512) == {
        "a": "one two"
    }


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (gzip.compress(b"<a>one</a>", mtime=0)[:-4], "The file is a gzip file that ends too early."),
        (gzip.compress(b"<a>one</a>", mtime=0)[:-8] + b"\1" * 8, "The file is a damaged gzip file."),
        (gzip.compress(b"<a>one</a>", mtime=0) + b"junk", "The file is a damaged gzip file."),
        (
            gzip.compress(gzip.compress(b"<a/>", mtime=0), mtime=0),
            "The file is not well-formed XML: line 1, not well-formed",
        ),
    ],
)
def test_a_damaged_gzip_file_is_refused(packed, sentence):
    assert refusal(BytesIO(packed)).startswith(sentence)


LAUGHS = b"<!DOCTYPE a [<!ENTITY l0 'ha'>%s]><a>&l9;</a>" % b"".join(
    b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("bomb", "sentence"),
    [
        pytest.param(lambda: BytesIO(LAUGHS), "The file declares a document type or entities", id="laughs"),
        pytest.param(
            lambda: BytesIO(b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>"),
            "The file declares a document type or entities",
            id="external-entity",
        ),
        pytest.param(
            lambda: BytesIO(b"<!DOCTYPE html><html></html>"),
            "The file declares a document type or entities",
            id="doctype",
        ),
        pytest.param(
            lambda: BytesIO(b"<a>" * 200_000), "The file nests elements more than 64 deep.", id="deep-nesting"
        ),
        pytest.param(
            lambda: BytesIO(gzip.compress(b"<a>" + b" " * 64 * MIB, mtime=0)),
            "The file unpacks to more than 200 times",
            id="gzip",
        ),
        pytest.param(lambda: streamed(b"<a>", b"x" * MIB, 64), "The file holds a text of more than 16 MiB.", id="text"),
        pytest.param(
            lambda: streamed(b"<a><![CDATA[", b"]" * MIB, 64), "The file holds a text of more than 16 MiB.", id="cdata"
        ),
        pytest.param(
            lambda: streamed(b"<a b='", b"x" * MIB, 64), "The file holds a tag or comment of more than 1 MiB.", id="tag"
        ),
        pytest.param(
            lambda: streamed(b"<a><!--", b"x" * MIB, 64),
            "The file holds a tag or comment of more than 1 MiB.",
            id="comment",
        ),
        pytest.param(
            lambda: BytesIO(b"<a>" + b"".join(b"<b%d/>" % n for n in range(100_000))),
            "The file uses more than 1000 different names",
            id="names",
        ),
        pytest.param(
            lambda: BytesIO(b"<a>" + b"".join(b"<b c%d=''/>" % n for n in range(100_000))),
            "The file uses more than 1000 different names",
            id="attributes",
        ),
    ],
)
def test_a_bomb_is_refused_in_little_memory(bomb, sentence):
    stream = bomb()
    tracemalloc.start()
    try:
        assert refusal(stream).startswith(sentence)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * MIB


def test_the_memory_used_does_not_grow_with_the_file():
    stream = streamed(b"<a>", b"<b><c>%s</c><d/></b>\n" % (b"text " * 500), 8_000, b"</a>")
    tracemalloc.start()
    try:
        count = sum(1 for _ in xml.events(stream))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 48_002
    assert peak < 2 * MIB  # of a file of 20 MiB


def test_a_file_beyond_the_largest_size_is_refused(monkeypatch):
    monkeypatch.setattr(xml, "_TOTAL", MIB)
    assert refusal(streamed(b"<a>", b"<b>text</b>", 200_000)) == "The file is larger than 1 MiB; split it."


def test_a_short_file_may_be_as_monotonous_as_it_likes():
    content = b"<a>" + (b"<b>" + b" " * MIB + b"</b>") * 8 + b"</a>"
    packed = gzip.compress(content, mtime=0)
    assert len(packed) * 500 < len(content)
    assert sum(1 for _ in xml.events(BytesIO(packed))) == 18
