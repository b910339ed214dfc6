"""Foreign XML, read a piece at a time and without trust.

Exports come from old databases by way of old software, and sometimes from somebody who means harm. So a file is
unpacked and cleaned as it streams by, document types and entities are refused (defusedxml), and everything that could
grow has a bound: the memory used does not depend on the size of the file.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Literal, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers.expat import errors as expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser, iterparse

from service.errors import Invalid

_CHUNK = 64 * 1024
_TOTAL = 512 * 1024 * 1024  # unpacked; the largest export that is taken
_DEPTH = 64  # WXR and Disqus need 6; expat and defusedxml have no limit of their own
_TEXT = 16 * 1024 * 1024  # between two tags; an article with pictures pasted into it reaches a few MiB
_TOKEN = 1024 * 1024  # one tag or comment: the parser keeps it whole, and reads it anew with every chunk
_NAMES = 1_000  # different tags and attributes: the parser keeps every name until the end of the file
_RATIO = 200  # deflate reaches 1,030; exports stay below 30
_RATIO_FROM = 16 * 1024 * 1024  # short files may be as monotonous as they like

#: the bytes that XML 1.0 (section 2.2) forbids even escaped; WordPress exports carry them out of old databases
_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r")
#: what expat says where a download or an export broke off
_CUT_SHORT = (expat.XML_ERROR_NO_ELEMENTS, expat.XML_ERROR_UNCLOSED_TOKEN, expat.XML_ERROR_UNCLOSED_CDATA_SECTION)
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)""")


class Event(NamedTuple):
    """The start or the end of an element.

    `path` are the tags from the root to the element, `{namespace}name` each. The element's attributes are there from
    the start, its text (before a first child) at the end. It has no children: each had its own events and is gone.
    """

    kind: Literal["start", "end"]
    path: tuple[str, ...]
    element: Element


def events(stream: BinaryIO) -> Iterator[Event]:
    """Yield the starts and ends of all elements of an XML file, which may be gzipped; an element is empty afterwards.

    Raises `Invalid` with the field `file` for a file that is broken (with the line), hostile or too large. Since the
    file is read as it is asked for, that may be after any number of events.
    """
    parser = XMLParser(target=TreeBuilder(), forbid_dtd=True)
    reader = _Reader(stream, parser)
    open_elements: list[Element] = []
    paths: list[tuple[str, ...]] = [()]
    names: set[str] = set()
    for kind, element in _parsed(reader, parser):
        reader.text = 0
        if kind == "start":
            names.update((element.tag, *element.keys()))
            if len(names) > _NAMES:
                raise _invalid(f"The file uses more than {_NAMES} different names of elements and attributes.")
            if len(open_elements) == _DEPTH:
                raise _invalid(f"The file nests elements more than {_DEPTH} deep.")
            open_elements.append(element)
            paths.append((*paths[-1], element.tag))
            yield Event("start", paths[-1], element)
        else:
            yield Event("end", paths.pop(), element)
            open_elements.pop().clear()
            if open_elements:
                open_elements[-1].remove(element)


def _parsed(reader: _Reader, parser: XMLParser) -> Iterator[tuple[str, Element]]:
    try:
        yield from iterparse(reader, ("start", "end"), parser)
    except ParseError as error:
        line = error.position[0] + reader.blank_lines
        reason = str(error).partition(":")[0]
        fault = "ends too early" if reason in _CUT_SHORT else "is not well-formed XML"
        raise _invalid(f"The file {fault}: line {line}, {reason}.") from error
    except DefusedXmlException as error:
        raise _invalid("The file declares a document type or entities, which no export needs.") from error
    except (LookupError, ValueError) as error:  # what pyexpat raises for an encoding that it cannot read
        raise _invalid("The file declares an encoding that cannot be read here; save it as UTF-8.") from error


class _Reader:
    """The file as the parser sees it: unpacked, cleaned and measured."""

    def __init__(self, stream: BinaryIO, parser: XMLParser) -> None:
        self.text = 0  # bytes since the last tag
        self.blank_lines = 0  # dropped ahead of the XML declaration, to name the right line in an error
        self._parser = parser
        self._given = self._total = 0
        self._chunks = self._cleaned(_unpacked(stream))

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, however many, or none at the end."""
        position = self._parser.parser.CurrentByteIndex  # -1 where expat does not know it
        if position >= 0 and self._given - position > _TOKEN:
            raise _invalid(f"The file holds a tag or comment of more than {_TOKEN >> 20} MiB.")
        chunk = next(self._chunks, b"")
        self._given += len(chunk)
        self.text += len(chunk)
        if self.text > _TEXT:
            raise _invalid(f"The file holds a text of more than {_TEXT >> 20} MiB.")
        return chunk

    def _cleaned(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        decoder: codecs.IncrementalDecoder | None = None
        for count, chunk in enumerate(chunks):
            self._total += len(chunk)
            if self._total > _TOTAL:
                raise _invalid(f"The file is larger than {_TOTAL >> 20} MiB; split it.")
            if count == 0:
                chunk = self._head(chunk)
                declared = _DECLARED.match(chunk)
                if declared is None or declared[1].lower() in (b"utf-8", b"utf8"):
                    decoder = codecs.getincrementaldecoder("utf-8")(_STRAY)
            chunk = chunk.translate(None, _CONTROLS)
            if decoder is not None:
                chunk = _legal(decoder.decode(chunk))
            if chunk:  # an empty answer would be the end to the parser
                yield chunk

    def _head(self, chunk: bytes) -> bytes:
        """Return the first bytes from the first `<` on: plugins like to print blank lines ahead of an export."""
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _invalid("The file is in UTF-16; save it as UTF-8.")
        head = chunk.removeprefix(codecs.BOM_UTF8).lstrip()
        self.blank_lines = chunk[: len(chunk) - len(head)].count(b"\n")
        return head


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    chunks = iter(lambda: stream.read(_CHUNK), b"")
    head = next(chunks, b"")
    if head.startswith(b"PK\x03\x04"):
        raise _invalid("The file is a ZIP archive; unpack it and import the XML file within.")
    if head.startswith(b"\x1f\x8b"):
        yield from _gunzipped(head, chunks)
    else:
        yield from chain([head], chunks)


def _gunzipped(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the gzip file unpacks to, at most a chunk at a time."""
    unpacker = zlib.decompressobj(wbits=31)
    packed = unpacked = 0
    try:
        for chunk in chain([head], rest):
            packed += len(chunk)
            while chunk:
                if unpacker.eof:  # a gzip file may be several, one after another, padded with zeros
                    if not (chunk := chunk.lstrip(b"\0")):
                        break
                    unpacker = zlib.decompressobj(wbits=31)
                piece = unpacker.decompress(chunk, _CHUNK)
                unpacked += len(piece)
                if unpacked > max(_RATIO_FROM, packed * _RATIO):
                    raise _invalid(f"The file unpacks to more than {_RATIO} times its size, as no export does.")
                if piece:
                    yield piece
                chunk = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise _invalid("The file is a damaged gzip file.") from error
    if not unpacker.eof:
        raise _invalid("The file is a gzip file that ends too early.")


def _legal(text: str) -> bytes:
    # valid UTF-8, but no characters to XML 1.0
    return text.replace("\ufffe", "").replace("\uffff", "").encode()


def _windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not UTF-8 as Windows-1252, which is what they are in exports of much-moved databases."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_STRAY = "afterword-stray-bytes"
codecs.register_error(_STRAY, _windows)


def _invalid(sentence: str) -> Invalid:
    return Invalid({"file": [sentence]})
