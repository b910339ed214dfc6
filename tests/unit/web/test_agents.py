"""What a browser is called."""

from __future__ import annotations

import pytest

from service.web.admin import agents

LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {LIKE} Chrome/126.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE} Chrome/126 Safari/537.36 Edg/126", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 14) {LIKE} Chrome/126 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (Linux; Android 14) {LIKE} SamsungBrowser/25.0 Chrome/121 Mobile Safari/537.36",
         "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("curl/8.5.0", "An unknown browser"),
        ("Lynx (Linux)", "An unknown browser on Linux"),
        ("", "An unknown browser"),
    ],
)  # fmt: skip
def test_it_is_called_by_name_and_system(agent: str, name: str) -> None:
    assert agents.called(agent) == name
