"""A reader without JavaScript: opens the plain page, reads its HTML as a browser does, fills in its form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE

OWN = "http://localhost"
FORM = "application/x-www-form-urlencoded"
#: what browsers add to a form that comes from our own page
SAME = {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}
#: attributes that hold an address
_ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcset", "ping", "xlink:href")
_ACTIVE = {"img", "iframe", "object", "embed", "svg", "math", "style", "base", "meta", "template", "frame", "audio"}


@dataclass
class Sheet:
    """A page as a browser sees it."""

    answer: TestResponse
    tree: Element = field(init=False)

    def __post_init__(self) -> None:
        assert self.answer.mimetype == "text/html", self.answer.text
        self.tree = html5lib.parse(self.answer.text, namespaceHTMLElements=False)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of that tag which have those attributes; of `class_` one among several."""
        return [each for each in self.tree.iter(tag) if all(_has(each, *pair) for pair in attributes.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the one element of its kind."""
        (found,) = self.all(tag, **attributes)
        return found

    def links(self, text: str) -> list[str]:
        """Return the addresses of links whose text matches."""
        return [str(each.get("href")) for each in self.all("a") if re.fullmatch(text, said(each))]

    def ids(self) -> list[int]:
        """Return the ids of the comments, in the order of the page."""
        return [int(str(each.get("id")).removeprefix("comment-")) for each in self.all("article")]

    def data(self) -> dict[str, Any]:
        """Return what it tells search engines."""
        found: dict[str, Any] = json.loads(self.one("script", type="application/ld+json").text or "")
        return found

    def fields(self) -> dict[str, str]:
        """Return the form's fields as they would be sent."""
        inputs = {str(each.get("name")): each.get("value", "") for each in self.one("form").iter("input")}
        return inputs | {"body": self.one("textarea", name="body").text or ""}

    def faults(self) -> list[str]:
        """List everything that would run, or lead to what does."""
        found = [each.tag for each in self.tree.iter() if each.tag in _ACTIVE and not _is_ours(each)]
        found += ["script" for each in self.all("script") if each.get("type") != "application/ld+json"]
        for each in self.tree.iter():
            found += [name for name in each.attrib if name.startswith("on") or name in ("style", "srcdoc")]
            for name in _ADDRESSES:
                address = re.sub(r"[\x00-\x20]", "", each.get(name, "/"))
                found += [address] if not re.match(r"https?://|/(?!/)|#|mailto:", address) else []
        return found


def _has(element: Element, name: str, value: str) -> bool:
    given = element.get(name.rstrip("_"), "")
    return value in given.split() if name == "class_" else given == value


def _is_ours(element: Element) -> bool:
    return element.tag == "meta" and (
        element.get("name") in ("viewport", "color-scheme") or "charset" in element.attrib
    )


def said(element: Element) -> str:
    """Return an element's text, white space collapsed."""
    return " ".join("".join(element.itertext()).split())


@dataclass
class Plain:
    """The reader."""

    client: FlaskClient

    def opens(self, page: str = PAGE, status: int = 200, **query: Any) -> Sheet:
        """Open a page's thread."""
        return self.follows(f"/thread?{urlencode({'page': page} | query)}", status)

    def follows(self, address: str, status: int = 200) -> Sheet:
        """Open an address of the service."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return Sheet(answer)

    def sends(self, sheet: Sheet, headers: dict[str, str] | None = None, **typed: str) -> TestResponse:
        """Fill in the form of a page and send it, as a browser would."""
        filled = sheet.fields() | {"name": "Ann", "body": "A fine clock."} | typed
        return self.client.post(
            "/thread", data=urlencode(filled), content_type=FORM, headers=SAME if headers is None else headers
        )


def again(answer: TestResponse, status: int, *faults: str) -> Sheet:
    """Check that the form is shown again, with what is wrong, and return the page."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    sheet = Sheet(answer)
    assert sheet.faults() == []
    assert said(sheet.one("title")).startswith("Not sent yet: ")
    trouble = said(sheet.one("div", id="fault"))
    assert trouble.startswith("Not sent yet.")
    assert all(fault in trouble for fault in faults), trouble
    return sheet
