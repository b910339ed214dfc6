"""Hostile text in a real browser: nothing of it runs, in the widget, in its preview, on the page without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from service import create_app
from service.settings import load
from tests.browser.conftest import Service, Visit
from tests.security import vectors

#: replies to one comment that come with it
_REPLIES = 20


def posted(service: Service, page: str, bodies: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Post all of them on one page, each in every field that takes it, and return how many were taken.

    To an application on the running service's database: a request costs less without a socket.
    """
    for name, value in service.environment.items():
        if name.startswith("AFTERWORD_"):
            monkeypatch.setenv(name, value)
    app: Flask = create_app(load())
    client = app.test_client(use_cookies=False)
    taken, parent = 0, None
    for number, body in enumerate(bodies):
        sent: dict[str, Any] = {"page": page, "title": body[:300], "body": body, "author": {"name": f"N{body}"[:60]}}
        if parent is not None and number % (_REPLIES + 1):
            sent["parent"] = parent
        answer = client.post("/api/v1/comments", json=sent, headers={"Origin": service.host})
        assert answer.status_code in (201, 400, 409, 422), answer.text
        if answer.status_code == 201:
            taken += 1
            parent = sent.get("parent", answer.json["comment"]["id"])
    return taken


def untouched(page: Page, visit: Visit, service: Service) -> None:
    """Check that nothing left its mark in a page, and that nothing was asked of anybody else."""
    assert page.evaluate("[window.__x, window.__y, ({}).x, document.title.includes('pwned')]") == [
        None,
        None,
        None,
        False,
    ]
    elsewhere = [url for url in visit.requests if not url.startswith((service.address, service.host))]
    assert elsewhere == []


#: what goes over every element, as a reader would; handlers that wait for it run then
TOUCH = """root => {
    const deep = node => [node, ...(node.shadowRoot?.querySelectorAll('*') ?? [])];
    const all = [...(root.shadowRoot ?? root).querySelectorAll('*')].flatMap(deep);
    for (const node of all)
        for (const kind of ['pointerenter', 'mouseover', 'focus', 'toggle', 'error', 'load', 'animationstart'])
            node.dispatchEvent(new Event(kind));
    const active = 'script, iframe, object, embed, base, style, img, form';
    return [
        all.length,
        all.filter(node => node.getAttributeNames().some(name => name.startsWith('on') || name === 'srcdoc')).length,
        all.filter(node => node.href && !/^(https?|mailto):/.test(node.href.baseVal ?? node.href)).length,
        all.filter(node => node.closest('.body') && node.matches(active)).length,
    ];
}"""


def _public() -> list[str]:
    return list(dict.fromkeys(each[:4_000] for each in vectors.public()))[::12]


@pytest.mark.parametrize("which", ["ours", pytest.param("public", marks=pytest.mark.slow)])
def test_no_script_runs_wherever_it_is_read(
    visit: Visit, service: Service, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    # some of them: the parser of tests/oracle.py sees all, and so does the widget below
    bodies = vectors.everything()[::3] if which == "ours" else _public()
    address = service.hosts(f"hostile-{which}")
    assert posted(service, address, bodies, monkeypatch) > len(bodies) / 2
    page = visit.opens(address)
    expect(page.get_by_role("article").nth(20)).to_be_attached()
    shown, handlers, addresses, active = page.locator("afterword-thread").first.evaluate(TOUCH)
    assert shown > 1_000
    assert (handlers, addresses, active) == (0, 0, 0)
    untouched(page, visit, service)
    plain = visit.opens(f"{service.address}/thread?page={address}", await_thread=False)
    shown, handlers, addresses, active = plain.locator("body").evaluate(TOUCH)
    assert shown > 1_000
    assert (handlers, addresses, active) == (0, 0, 0)
    untouched(plain, visit, service)


def test_a_faulty_service_is_no_fault_of_the_page(visit: Visit, service: Service) -> None:
    address = service.hosts("given-away")
    service.posts(address, "Hello.")

    def forged(route: Route) -> None:
        """Answer as a service would that sanitises nothing."""
        answer = route.fetch()
        thread = json.loads(answer.text())
        (first,) = thread["comments"]
        wall = []
        for number, raw in enumerate(vectors.everything()[::2], 1):
            by = first["author"] | {"website": raw, "name": raw}
            wall.append(first | {"id": first["id"] + number, "number": number, "html": raw, "author": by})
        thread["page"] |= {"title": "<img src=x onerror=window.__x=1>", "reason": "<script>window.__x=1</script>"}
        body = json.dumps(thread | {"comments": wall, "__proto__": {"x": 1}})
        route.fulfill(body=body, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    page = visit.opens(address, prepare=lambda page: page.route("**/api/v1/thread?**", forged))
    expect(page.get_by_role("article")).to_have_count(len(vectors.everything()[::2]))
    found = page.locator("afterword-thread").first.evaluate(TOUCH)
    assert found[0] > 1_000
    assert found[1:] == [0, 0, 0]
    untouched(page, visit, service)


def test_a_preview_is_as_safe_as_a_comment(visit: Visit, service: Service) -> None:
    page = visit.opens(service.hosts("previewed"))
    page.locator("textarea[name=body]").fill("\n\n".join(each for each in vectors.bodies()[:60]))
    page.locator(".tools > .quiet").first.click()
    expect(page.locator(".preview")).to_be_visible()
    untouched(page, visit, service)


CLOBBERED = (
    "<img name=currentScript><form name=createElement></form><img name=querySelector><img id=Afterword>"
    "<a id=location name=body>x</a><form name=head><input name=append></form><img name=cookie><img name=getElementById>"
    "<object id=customElements></object><iframe name=URL></iframe><div id=AfterwordThread></div><a id=fetch></a>"
)


def test_clobbered_names_of_the_host_page_change_nothing(visit: Visit, service: Service) -> None:
    address = service.hosts("clobbered", f"{CLOBBERED}{{tag}}")
    service.posts(address, "Hello **there**.")
    page = visit.opens(address)
    expect(page.locator("afterword-thread strong")).to_have_text("there")


def test_a_configuration_is_text_and_reaches_no_prototype(visit: Visit, service: Service) -> None:
    hostile = '"><img src=x onerror=window.__x=1>'.replace('"', "&quot;")
    attributes = " ".join(
        f'data-{name}="{hostile}"' for name in ("title", "lang", "theme", "sort", "loading", "__proto__")
    )
    tag = f'<script async src="{service.address}/embed.js" {attributes} data-constructor="x"></script>'
    page = visit.opens(service.hosts("configured", tag))
    page.evaluate("""() => {
        const box = document.querySelector('main').appendChild(document.createElement('div'));
        const polluting = '{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}, "title": "<img src=x>"}';
        const options = JSON.parse(polluting);
        Afterword.mount(box, options);
    }""")
    expect(page.locator("afterword-thread")).to_have_count(2)
    untouched(page, visit, service)
