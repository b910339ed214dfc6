"""Typed text becomes safe HTML here; this room knows no database, no HTTP and no clock."""

from service.text.clean import choose, sanitize
from service.text.imported import markdown_from_html
from service.text.links import safe_url, short
from service.text.plain import clean_body, clean_line, visible
from service.text.readable import linked, to_text
from service.text.render import PIPELINE, Rendered, self_test, to_html

__all__ = [
    "PIPELINE",
    "Rendered",
    "choose",
    "clean_body",
    "clean_line",
    "linked",
    "markdown_from_html",
    "safe_url",
    "sanitize",
    "self_test",
    "short",
    "to_html",
    "to_text",
    "visible",
]
