"""Cursors: what was written is read again, and nothing else is."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.threads import cursor
from service.threads.cursor import Reply, Top

STEPS = st.lists(st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=7, max_size=7), max_size=50)
NUMBERS = st.integers(0, 2**31 - 1)
RANKS = st.none() | st.floats(0, 1)


@given(st.builds(Top, NUMBERS, RANKS) | STEPS.map("".join).map(Reply))
def test_a_cursor_comes_back_as_it_was(written: Top | Reply) -> None:
    text = cursor.write(written)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,600}", text)
    assert cursor.parse(text) == written


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_none_or_a_cursor(text: str) -> None:
    found = cursor.parse(text)
    assert found is None or cursor.parse(cursor.write(found)) == found


@pytest.mark.parametrize(
    "plain",
    ["", "1t", "1t-1", "1t1.5", "1t٣", "2t1", "t1", "1t1\n", "1t" + "9" * 16, "1r000000", "1r00000001", "1rABCDEFG",
     "1r000-001", "1r" + "0" * 357, "1b5", "1bnan 5", "1binf 5", "1b-0x1p-1 5", "1b0x1.0p+1000 5", "1b0x1.0p+9999 5",
     "1b0x1p-1  5"],
)  # fmt: skip
def test_what_no_version_of_ours_wrote_is_none(plain: str) -> None:
    assert cursor.parse(base64.urlsafe_b64encode(plain.encode()).decode()) is None
