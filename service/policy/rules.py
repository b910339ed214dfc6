"""The visible, ordered list of rules. Pure.

A rule is a function from a submission and a site's settings to a verdict, or None where it has nothing to say. The
first verdict counts. A rule's name, under which it is stored and switched off, is its function's.
"""

from __future__ import annotations

from collections.abc import Callable

from service.policy import lists
from service.policy.settings import Rules
from service.policy.submission import Submission
from service.policy.verdict import PUBLISH, Act, Verdict

Rule = Callable[[Submission, Rules], Verdict | None]


def banned(submission: Submission, rules: Rules) -> Verdict | None:
    """Refuse whoever is banned, in words; or let them believe that they are read, where the ban says so."""
    ban = submission.ban
    if ban is None:
        return None
    if ban.shadow:
        return Verdict(Act.SPAM, "banned", "Its author is banned without being told.", (ban.named,), shadow=True)
    return Verdict(Act.REFUSE, "banned", _BANNED[ban.kind], (ban.named,))


_BANNED = {
    "reader": "You cannot comment on this site.",
    "address": "You cannot comment on this site.",
    "name": "This name cannot be used on this site.",
    "email": "This e-mail address cannot be used on this site.",
    "url": "A comment here cannot link to this address.",
}


def form_missing(submission: Submission, rules: Rules) -> Verdict | None:
    """Refuse what comes without the site's form, where one is required: the widget asks for one and sends again."""
    if rules.needs_form and submission.form == "none":
        said = "This site takes comments from its form only. Please send it again; if that fails, reload the page."
        return Verdict(Act.REFUSE, "form-missing", said, mend=True)
    return None


def work_missing(submission: Submission, rules: Rules) -> Verdict | None:
    """Refuse what comes without the work that the site demands; hold what comes from where none can be done."""
    if not rules.work or submission.work in ("good", "unasked"):
        return None
    if submission.work == "impossible":
        return Verdict(Act.HOLD, "work-missing", "It comes from a page without a script, which can do no work.")
    said = "This site asks the browser for a little work before a comment is taken. Please send it again."
    return Verdict(Act.REFUSE, "work-missing", said, mend=True)


def trap_filled(submission: Submission, rules: Rules) -> Verdict | None:
    """Take for spam what fills in a field that no person sees."""
    if rules.trap and submission.trap:
        return Verdict(Act.SPAM, "trap-filled", "A field that people do not see was filled in.")
    return None


def too_quick(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold what was sent sooner than anybody can write."""
    took = submission.filled_seconds
    if rules.min_seconds and took is not None and took < rules.min_seconds:
        return Verdict(
            Act.HOLD, "too-quick", f"It was sent after {took:.0f} s; a form takes {rules.min_seconds} s at least."
        )
    return None


def form_stale(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold what comes from a form that is older than any that people leave open."""
    if rules.needs_form and submission.form == "stale":
        return Verdict(Act.HOLD, "form-stale", "Its form is out of date.")
    return None


def spam_words(submission: Submission, rules: Rules) -> Verdict | None:
    """Take for spam what holds a word of that list."""
    found = lists.words(rules.spam_words).found(submission.spread) if rules.spam_words else ()
    return Verdict(Act.SPAM, "spam-words", "It holds a word of the spam list.", found) if found else None


def spam_patterns(submission: Submission, rules: Rules) -> Verdict | None:
    """Take for spam what a pattern of that list matches."""
    found = lists.patterns(rules.spam_patterns).found(submission.whole) if rules.spam_patterns else ()
    return Verdict(Act.SPAM, "spam-patterns", "A pattern of the spam list matches.", found) if found else None


def hold_words(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold what has a word of that list in it."""
    found = lists.words(rules.hold_words).found(submission.spread) if rules.hold_words else ()
    return Verdict(Act.HOLD, "hold-words", "It holds a word of the list to look at.", found) if found else None


def hold_patterns(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold what a pattern of that list matches."""
    found = lists.patterns(rules.hold_patterns).found(submission.whole) if rules.hold_patterns else ()
    return Verdict(Act.HOLD, "hold-patterns", "A pattern of the list to look at matches.", found) if found else None


def many_links(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold what has more links than most readers cite."""
    count = len(submission.links)
    if count > rules.links:
        said = f"It has {count} link{'s' if count != 1 else ''}; more than {rules.links} are looked at first."
        return Verdict(Act.HOLD, "many-links", said)
    return None


def repeated(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold a text that was on this site before."""
    if rules.repeats and submission.repeated:
        return Verdict(Act.HOLD, "repeated", "The same text was sent to this site within a day.")
    return None


def looks_like_spam(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold, or mark as spam, what the filter has learnt to know as such."""
    if submission.spam is None or rules.spam == "off" or submission.spam.probability < rules.hold_at:
        return None
    act = Act.SPAM if rules.spam == "mark" and submission.spam.probability >= rules.mark_at else Act.HOLD
    why = tuple(sign for sign, weight in submission.spam.signs if weight > 0)
    return Verdict(act, "looks-like-spam", f"The filter takes it for spam: {submission.spam.probability:.2f}.", why)


def unknown_author(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold the first comments of an author."""
    if rules.publish == "trusted" and submission.approved < rules.trust_after:
        said = f"Its author has {submission.approved} published comments; {rules.trust_after} are asked for."
        return Verdict(Act.HOLD, "unknown-author", said)
    return None


def hold_all(submission: Submission, rules: Rules) -> Verdict | None:
    """Hold everything."""
    return Verdict(Act.HOLD, "hold-all", "Every comment is looked at first.") if rules.publish == "none" else None


RULES: tuple[Rule, ...] = (
    banned,
    form_missing,
    work_missing,
    trap_filled,
    too_quick,
    form_stale,
    spam_words,
    spam_patterns,
    hold_words,
    hold_patterns,
    many_links,
    repeated,
    looks_like_spam,
    unknown_author,
    hold_all,
)


def name_of(rule: Rule) -> str:
    """Return the name of a rule as it is stored."""
    return rule.__name__.replace("_", "-")


def judge(submission: Submission, rules: Rules) -> Verdict:
    """Return the first verdict of the rules that are not switched off, or to publish."""
    for rule in RULES:
        verdict = None if name_of(rule) in rules.off else rule(submission, rules)
        if verdict is not None:
            return verdict
    return PUBLISH
