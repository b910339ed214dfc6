"""The pictures of docs/screens.md: a thread in its states, light, dark, on a phone and from right to left.

`python -m tests.screens [FOLDER]`. A real service on data of its own, the demonstration's pages on another origin, the
system's Chromium. Every picture has a page of its own, so that none depends on another.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from service import comments, create_app, pages
from tests.bench.widget import COMMAND, free_port, hosting, running
from tests.browser.conftest import DEMO, Service
from tests.conftest import CHROMIUM
from tests.scenes import LOOKS, MORE, SCREENS, TALK, TALK_RTL, TITLES, Screen, Visit

DOCS = Path(__file__).parents[1] / "docs"
BEGIN = datetime(2026, 9, 5, 9, 12, tzinfo=UTC)
#: what the demonstration's page gets besides: a caret would blink, and not every machine has a fine face
STYLE = """
afterword-thread { caret-color: transparent }
body { font-family: "Iowan Old Style", Palatino, Charter, Georgia, "DejaVu Serif Condensed", serif }
"""
INTRODUCTION = """# What a thread looks like

`.venv/bin/python -m tests.screens` makes these pictures anew: a real service, the demonstration's pages on another
origin, the system's Chromium. The newspaper and its readers are made up.
"""
#: the tallest picture, in pixels
TALL = 1100


def host(folder: str, screen: Screen, service: Service) -> str:
    """Write a host page, one of the demonstration's, and return its address."""
    kind = "closed" if screen.name.startswith("closed") else "open"
    name = "closed.html" if kind == "closed" else f"{screen.name}.html"
    content = (DEMO / f"pages/{kind}.html").read_text(encoding="utf-8").replace(f"/{kind}.html", f"/{name}")
    content = content.replace("http://127.0.0.1:8000", service.address).replace("http://127.0.0.1:8001", service.host)
    if "rtl" in screen.look:
        content = content.replace('<html lang="en">', '<html lang="ar" dir="rtl">').replace(TITLES[""], TITLES["rtl"])
    Path(folder, name).write_text(content, encoding="utf-8")
    return f"{service.host}/{name}"


def fill(screen: Screen, address: str) -> list[tuple[int, int]]:
    """Store a page's comments, as an import does; return their ids and points. In the application's context."""
    talk = TALK_RTL if "rtl" in screen.look else TALK
    if screen.name.startswith(("empty", "refused", "closed")):
        return []
    if screen.name.startswith("long"):
        talk = [*talk[:2], *MORE]
    ids: list[int] = []
    with comments.write(pages.locate_at_once(address), BEGIN, title=TITLES[""], operator=True) as writing:
        for turn, (name, parent, body, _) in enumerate(talk):
            fields = {"page": address, "body": body, "author": {"name": name, "email": "", "website": ""}}
            moment = BEGIN + timedelta(minutes=turn * 47)
            prepared = comments.prepare("screens", f"{address} {turn}", moment, "published", fields)
            ids.append(comments.adopt(writing, prepared, None if parent is None else ids[parent]))
    return [(made, points) for made, (*_, points) in zip(ids, talk, strict=True)]


def take(browser: Browser, screen: Screen, service: Service, address: str) -> bytes:
    """Bring a page into its state and return its picture."""
    options: dict[str, Any] = {"viewport": {"width": 760, "height": 900}, "locale": "en-GB", "timezone_id": "UTC"}
    for look in screen.look.split():
        options |= LOOKS[look]
    with contextlib.closing(browser.new_context(**options)) as context:
        page = context.new_page()
        if screen.lead is Visit.hears:
            page.clock.install()
        page.goto(address)
        page.locator(".heading").wait_for()
        page.wait_for_load_state("networkidle")
        screen.lead(Visit(page, service, address))
        box: dict[str, float] = {"y": page.evaluate("scrollY"), **options["viewport"]}
        if screen.part != "window":
            # as tall as the page: of what is outside of its window a phone takes the picture that a desk would show
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": options["viewport"]["width"], "height": height})
            thread = page.locator("afterword-thread").bounding_box()
            assert thread
            whole = thread["height"] + 68
            box["height"] = whole if screen.part == "whole" else min(whole, TALL)
            box["y"] = thread["y"] - 40 + (whole - box["height"] if screen.part == "end" else 0)
        page.wait_for_timeout(300)  # what hovers or is drawn anew has come to rest
        clip = {"x": 0, **box, "scale": 1}
        wanted = {"format": "webp", "quality": 82, "clip": clip}
        return base64.b64decode(context.new_cdp_session(page).send("Page.captureScreenshot", wanted)["data"])


def main() -> None:
    """Take the pictures and write the page that shows them."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "screens"
    target.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder, data = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        Path(folder, "style.css").write_text((DEMO / "pages/style.css").read_text(encoding="utf-8") + STYLE)
        origin, port = stack.enter_context(hosting(folder)), free_port()
        for name in ("POSTS", "PAGE_POSTS", "ACTS", "REPEATS"):
            os.environ[f"AFTERWORD_LIMIT_{name}"] = "off"
        os.environ["AFTERWORD_DATA_DIR"] = data
        service = Service(f"http://127.0.0.1:{port}", origin, dict(os.environ), {})
        service.runs("site", "add", "courier", origin)
        export = Path(data, "thread.xml")
        moved = (DEMO / "thread.wordpress.xml").read_text(encoding="utf-8").replace("http://127.0.0.1:8001", origin)
        export.write_text(moved, encoding="utf-8")
        service.runs("import", "wordpress", str(export), "--site", "courier")
        addresses = [host(folder, screen, service) for screen in SCREENS]
        with create_app().app_context():
            filled = [each for at in zip(SCREENS, addresses, strict=True) for each in fill(*at)]
        command = [str(COMMAND), "serve", "--port", str(port)]
        stack.enter_context(running(command, f"{service.address}/readyz", service.environment))
        for made, points in filled:
            for reader in range(abs(points)):
                service.acts("PUT", f"comments/{made}/vote", f"{reader:043d}", value=1 if points > 0 else -1)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for screen, address in zip(SCREENS, addresses, strict=True):
            (target / f"{screen.name}.webp").write_bytes(take(browser, screen, service, address))
        browser.close()
    if target == DOCS / "screens":
        shown = "".join(f"\n## {each.caption}\n\n![{each.caption}](screens/{each.name}.webp)\n" for each in SCREENS)
        (DOCS / "screens.md").write_text(INTRODUCTION + shown, encoding="utf-8")


if __name__ == "__main__":
    main()
