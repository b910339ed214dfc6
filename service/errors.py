"""The exceptions of the service, each carrying what a door must say.

No room knows a status code: `web.errors` and `cli.output` translate these classes once each. An exception carries data;
the sentence for people is made from it in one place, `sentence()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class AfterwordError(Exception):
    """The root of everything that the service refuses on purpose."""

    #: the last part of the problem's `type`, stable: clients rely on it
    code = "error"
    title = "The request could not be carried out"

    def sentence(self) -> str:
        """Return one plain English sentence for a person."""
        return f"{self.title}."


class Malformed(AfterwordError):
    """The request cannot be read at all: broken JSON, wrong types of envelope, forbidden characters."""

    code = "malformed"
    title = "The request could not be read"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class Invalid(AfterwordError):
    """The request could be read, but some of its fields hold what they may not hold.

    `fields` maps a field to its faults; a nested object's field maps to another such mapping.
    """

    code = "invalid"
    title = "Some fields need a change"

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        self.fields = fields

    def sentence(self) -> str:
        return " ".join(_sentences(self.fields)) or f"{self.title}."


def _sentences(fault: Any) -> list[str]:
    if isinstance(fault, str):
        return [fault]
    if isinstance(fault, Mapping):
        return [line for part in fault.values() for line in _sentences(part)]
    return [line for part in fault for line in _sentences(part)]


class NotAPage(AfterwordError):
    """The address is no address of a page that could carry a thread."""

    code = "not-a-page"
    title = "This is no address of a page"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class NotFound(AfterwordError):
    """What was asked for is not there, or is not for this asker's eyes."""

    code = "not-found"
    title = "There is no such thing here"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def sentence(self) -> str:
        return f"There is no such {self.what}."


class UnknownSite(AfterwordError):
    """No registered site is served from the page's origin."""

    code = "unknown-site"
    title = "This site is not registered here"

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin

    def sentence(self) -> str:
        return f"No site with the origin {self.origin} is registered with this comment service."


class OriginRefused(AfterwordError):
    """A write came from a page that does not belong to the site."""

    code = "origin-not-allowed"
    title = "Comments are not accepted from here"

    def __init__(self, origin: str | None) -> None:
        super().__init__(origin)
        self.origin = origin

    def sentence(self) -> str:
        return f"{self.origin or 'A request without an Origin header'} is not one of this site's origins."


class StaleForm(AfterwordError):
    """A form came back too late, or is none that was made here for this page."""

    code = "stale-form"
    title = "This form is no longer good"

    def sentence(self) -> str:
        return "This form was open for too long. Please look your text over and send it again."


class FormTooOld(StaleForm):
    """An operators' form came back too late, or from before its session began."""

    code = "form-too-old"
    title = "This form is too old"

    def sentence(self) -> str:
        return (
            "This form is no longer good: it was open for too long, or you have signed in anew since. "
            "Nothing was changed. Please send it again."
        )


class NoReaderKey(AfterwordError):
    """What was asked for needs to know whose it is, and no reader key was sent."""

    code = "no-reader-key"
    title = "A reader key is needed"

    def sentence(self) -> str:
        return "Send the reader key as Authorization: Bearer KEY."


class NotSignedIn(AfterwordError):
    """Only operators may do this, and nobody is signed in, or the token is none of ours or has expired."""

    code = "not-signed-in"
    title = "Please sign in"

    def sentence(self) -> str:
        return "Please sign in as an operator, or send Authorization: Bearer TOKEN."


class NotAllowed(AfterwordError):
    """An operator is known but has not the role, the site or the scope for this."""

    code = "not-allowed"
    title = "This is not yours to do"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class FactorNeeded(AfterwordError):
    """An operator has to set up the second factor before anything else: this service asks for it."""

    code = "second-factor-needed"
    title = "Set up the second factor first"

    def sentence(self) -> str:
        return "This service asks for a second factor. Set it up, then do this again; nothing was changed."


class Gone(AfterwordError):
    """It was there once, and was used up or has expired: a link that is good once, a form's token."""

    code = "gone"
    title = "This is no longer good"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class PageClosed(AfterwordError):
    """The page is closed: its thread can be read, nothing can be added."""

    code = "page-closed"
    title = "Comments are closed"

    def __init__(self, reason: str | None, reopens: datetime | None) -> None:
        super().__init__(reason, reopens)
        self.reason = reason
        self.reopens = reopens

    def sentence(self) -> str:
        return f"Comments are closed. {self.reason}" if self.reason else "Comments are closed."


class Refused(AfterwordError):
    """Policy refused the submission; `rule` names the rule that did."""

    code = "refused"
    title = "This comment was refused"

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(rule, reason)
        self.rule = rule
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class FormNeeded(Refused):
    """The comment may be fine, but the form that it came with is not: a new one has to be asked for."""

    code = "form-needed"
    title = "This has to be sent once more"


class Conflict(AfterwordError):
    """The request contradicts what is stored."""

    code = "conflict"
    title = "This contradicts what is already here"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def sentence(self) -> str:
        return self.reason


class Overtaken(Conflict):
    """Somebody has changed the same thing since it was looked at; `now` says what of it, and how it is now."""

    code = "overtaken"
    title = "Somebody was quicker"

    def __init__(self, now: Mapping[str, str]) -> None:
        told = ", ".join(f"{name} (now {value or 'empty'})" for name, value in now.items())
        super().__init__(f"Somebody has changed this meanwhile: {told}. Nothing was saved.")
        self.now = now


class Duplicate(Conflict):
    """The same text was posted to the same page a moment ago."""

    code = "duplicate"
    title = "This was already posted"


class TooMany(AfterwordError):
    """A limit is used up; `retry_after` seconds from now there is room again. `what` is limited, in the plural."""

    code = "too-many"
    title = "Too many requests in a short time"

    def __init__(self, retry_after: int, what: str = "requests") -> None:
        super().__init__(retry_after, what)
        self.retry_after = retry_after
        self.what = what

    def sentence(self) -> str:
        return f"Too many {self.what} in a short time. Please try again in {_span(self.retry_after)}."


class TooManyAttempts(TooMany):
    """Too many attempts to sign in failed, from one address or on one account."""

    code = "too-many-attempts"
    title = "Too many attempts in a short time"

    def sentence(self) -> str:
        return f"Too many attempts in a short time. Please try again in {_span(self.retry_after)}."


def _span(seconds: int) -> str:
    # in the largest unit of which there are two or more, never too short
    units = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
    for length, name in units:
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {name}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


class Unavailable(AfterwordError):
    """The service cannot do this right now, and says when to ask again (seconds).

    `said` is what the database's driver says of it, for whoever runs the service and for nobody else: it may name hosts
    and users.
    """

    code = "unavailable"
    title = "The comment service is busy"

    def __init__(self, reason: str, retry_after: int = 5, said: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.said = said

    def sentence(self) -> str:
        return self.reason


class StorageFull(Unavailable):
    """The disk has no room for another write."""

    code = "storage-full"
    title = "The comment service has no room left"


class Misconfigured(AfterwordError):
    """The service must not start like this; `faults` are sentences that an operator can act on."""

    code = "misconfigured"
    title = "The configuration needs a change"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(faults)
        self.faults = faults

    def sentence(self) -> str:
        return " ".join(self.faults)
