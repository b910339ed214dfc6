"""For everybody: no violation in any state, a path by keyboard alone, and what is said to those who do not see it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service, Visit

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}
STYLE = '<link rel="stylesheet" href="/style.css">'
SHEET = ":root { color-scheme: light dark } body { font: 16px/1.5 sans-serif; background: Canvas; color: CanvasText }"


def faults(page: Page) -> list[str]:
    """Return what axe finds fault with."""
    found = Axe().run(page, options={"runOnly": RULES})
    return [f"{fault['id']}: {[node['html'] for node in fault['nodes']]}" for fault in found.response["violations"]]


def writes(page: Page, text: str = "A *fine* clock.") -> None:
    """Post a comment as Ann."""
    page.get_by_role("textbox", name="Your comment").fill(text)
    page.get_by_label(re.compile("^Name")).fill("Ann")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_role("button", name="Edit your comment").last).to_be_visible()


def nothing(page: Page) -> None:
    """Leave a page as it is."""


def sends_nothing(page: Page) -> None:
    """Press the button of an empty form."""
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator("[aria-invalid]")).to_have_count(2)


def replies(page: Page) -> None:
    """Open a reply form."""
    page.get_by_role("button", name="Reply to Ben").first.click()
    expect(page.get_by_role("toolbar")).to_be_visible()


def edits(page: Page) -> None:
    """Open an own comment for changes."""
    writes(page)
    page.get_by_role("button", name="Edit your comment").click()


def deletes(page: Page) -> None:
    """Delete an own comment."""
    writes(page)
    page.get_by_role("button", name="Delete your comment").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def is_held(page: Page) -> None:
    """Post what is held."""
    writes(page, " and, to the same effect, ".join(f"https://example.org/{number}" for number in range(6)))


def reports(page: Page) -> None:
    """Open the form for a report."""
    page.get_by_role("button", name="Report the comment by Ben").first.click()
    expect(page.get_by_role("textbox", name="What is wrong with it?")).to_be_focused()


def votes(page: Page) -> None:
    """Vote on a comment."""
    page.get_by_role("button", name="Vote up the comment by Ben").first.click()
    expect(page.get_by_role("button", pressed=True)).to_have_count(1)


def previews(page: Page) -> None:
    """Look at a preview."""
    page.get_by_role("textbox", name="Your comment").fill("A **fine** clock.\n\n> Quoted\n\n`code`")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_be_visible()


def lists(page: Page) -> None:
    """Open the list of own comments, and ask to erase them."""
    writes(page)
    page.get_by_role("button", name="My comments").click()
    page.get_by_role("button", name="Erase all my comments").click()


def folds(page: Page) -> None:
    """Fold replies away."""
    page.get_by_role("button", name="Fold the replies to Ben").first.click()


STATES = [nothing, sends_nothing, replies, edits, deletes, is_held, reports, votes, previews, lists, folds]
#: every state in the light; elsewhere those in which colours and widths differ most
LOOKS = [
    *(({}, state) for state in STATES),
    *(pytest.param(DARK, state, marks=pytest.mark.slow) for state in (sends_nothing, edits, votes, lists)),
    *(pytest.param(PHONE, state, marks=pytest.mark.slow) for state in (is_held, previews, lists)),
]


def conversation(service: Service, name: str, lang: str = "en") -> str:
    """Serve a page with a conversation and return its address."""
    service.pages["/style.css"] = SHEET
    address = service.hosts(name, f'<h1>Host</h1><afterword-thread lang="{lang}"></afterword-thread>{{tag}}', STYLE)
    root = service.posts(address, "A `question` with a [link](https://example.org/).\n\n> Quoted")["id"]
    service.posts(address, "An answer.", parent=root)
    service.posts(address, "```\n" + "x" * 300 + "\n```")
    return address


@pytest.mark.parametrize(("visit", "state"), LOOKS, indirect=["visit"])
def test_no_state_is_in_anybodys_way(
    visit: Visit, service: Service, state: Callable[[Page], None], request: pytest.FixtureRequest
) -> None:
    page = visit.opens(conversation(service, re.sub(r"\W+", "-", request.node.name)))
    expect(page.get_by_role("article")).to_have_count(3)
    state(page)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("lang", ["ar", "he"])
def test_right_to_left_is_in_nobodys_way(visit: Visit, service: Service, lang: str) -> None:
    page = visit.opens(conversation(service, f"axe-{lang}", lang))
    expect(page.get_by_role("article")).to_have_count(3)
    assert faults(page) == []


def test_empty_closed_and_failed_threads_are_in_nobodys_way(visit: Visit, service: Service, closed_page: str) -> None:
    page = visit.opens(service.hosts("axe-empty"))
    expect(page.get_by_role("heading", name="No responses yet")).to_be_visible()
    assert faults(page) == []
    page = visit.opens(closed_page)
    expect(page.get_by_role("article")).to_have_count(17)
    assert faults(page) == []
    visit.context.route("**/api/v1/thread**", lambda route: route.abort())
    page = visit.opens(service.hosts("axe-failed"), False)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert faults(page) == []


def test_new_comments_are_in_nobodys_way(visit: Visit, service: Service) -> None:
    address = conversation(service, "axe-news")
    page = visit.opens(address, prepare=lambda page: page.clock.install())
    expect(page.get_by_role("article")).to_have_count(3)
    service.posts(address, "A new one.")
    page.clock.fast_forward(31_000)
    expect(page.get_by_role("button", name="1 new comment")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="1 new comment").click()
    expect(page.locator("[data-new]")).to_be_focused()
    assert faults(page) == []


def test_everything_is_done_by_keyboard_alone(visit: Visit, service: Service) -> None:
    page = visit.opens(conversation(service, "keyboard"))
    expect(page.get_by_role("article")).to_have_count(3)

    def tabs_to(role: str, name: str, backwards: bool = False) -> None:
        wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
        for _ in range(40):
            page.keyboard.press("Shift+Tab" if backwards else "Tab")
            if wanted.evaluate("element => element.getRootNode().activeElement === element"):
                return
        raise AssertionError(f"Tab does not lead to {role} {name}")

    tabs_to("combobox", "Sort by")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("combobox")).to_have_value("newest")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("article").first).to_contain_text("question")
    tabs_to("button", "Vote up the comment by Ben")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", pressed=True)).to_be_focused()
    tabs_to("button", "Reply to Ben", backwards=True)
    page.keyboard.press("Enter")
    page.keyboard.type("By keyboard alone.")
    expect(page.get_by_role("form", name="Reply to Ben").get_by_role("toolbar")).to_be_visible()
    tabs_to("textbox", "Name (required)")
    page.keyboard.type("Ann")
    tabs_to("button", "Send reply")
    page.keyboard.press("Enter")
    mine = page.get_by_role("article", name="Ann")
    expect(mine).to_be_focused()
    expect(mine.get_by_role("button", name="Edit your comment")).to_be_visible()
    tabs_to("button", "Edit your comment")
    page.keyboard.press("Enter")
    page.keyboard.type(" Twice.")
    tabs_to("button", "Save")
    page.keyboard.press("Enter")
    expect(mine).to_be_focused()
    expect(mine).to_contain_text("By keyboard alone. Twice.")
    tabs_to("button", "Delete your comment")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(mine).to_be_focused()
    tabs_to("button", "Fold the replies to Ben", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Show 2 replies"))).to_be_focused()


def test_the_tree_tells_what_the_eye_sees(visit: Visit, service: Service) -> None:
    page = visit.opens(conversation(service, "tree"))
    expect(page.get_by_role("region", name="3 responses")).to_match_aria_snapshot(
        """
        - region "3 responses":
          - heading "3 responses" [level=2]
          - text: Sort by
          - combobox "Sort by"
          - list:
            - listitem:
              - article "Ben":
                - link "1"
                - heading "Ben" [level=3]
                - button "Report the comment by Ben"
                - button "Reply to Ben"
                - button "Vote up the comment by Ben"
                - button "Vote down the comment by Ben"
                - button "Fold the replies to Ben" [expanded]
              - list:
                - listitem:
                  - article "Ben"
            - listitem:
              - article "Ben"
          - form "Leave a comment"
        """
    )


@pytest.mark.parametrize(
    "visit", [{"forced_colors": "active", "reduced_motion": "reduce"}], indirect=True, ids=["forced"]
)
def test_with_the_systems_own_colours_everything_can_be_told_apart(visit: Visit, service: Service) -> None:
    page = visit.opens(conversation(service, "forced"))
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_role("button", name="Vote up the comment by Ben").first.click()
    expect(page.get_by_role("button", pressed=True)).to_have_text("▲")
    page.evaluate("location.hash = '#response-2'")
    linked = page.locator("[data-linked]")
    assert linked.evaluate("article => getComputedStyle(article).outlineStyle") == "solid"
    moving = """thread => [...thread.shadowRoot.querySelectorAll('*')].map(node => getComputedStyle(node))
        .filter(style => style.transitionDuration !== '0s' || style.animationName !== 'none').length"""
    assert page.locator("afterword-thread").evaluate(moving) == 0
