"""The rules, one by one, without a database."""

from __future__ import annotations

import pytest

from service.policy import Act, Submission, Verdict, judge, rules
from service.policy.rules import MOST_LINKS


def submission(links: int = 0) -> Submission:
    return Submission("Hello.", links, "Ann", "")


@pytest.mark.parametrize("links", [0, 1, MOST_LINKS])
def test_a_few_links_are_published(links: int) -> None:
    assert judge(submission(links)) == Verdict(Act.PUBLISH)


@pytest.mark.parametrize("links", [MOST_LINKS + 1, 50])
def test_many_links_are_held_and_the_rule_is_named(links: int) -> None:
    verdict = judge(submission(links))
    assert (verdict.act, verdict.rule) == (Act.HOLD, "many-links")
    assert str(links) in verdict.reason


def test_the_first_rule_that_says_something_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [None, Verdict(Act.SPAM, "second"), Verdict(Act.REFUSE, "third")]
    monkeypatch.setattr(rules, "RULES", tuple(lambda _, verdict=verdict: verdict for verdict in said))
    assert judge(submission()).rule == "second"
