"""Operators: who may moderate what, how they prove it, and where they are signed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.models.base import LongId, Model, Moment


class Operator(Model):
    """Somebody who runs the service (owner) or moderates (moderator, of all sites or of those in OperatorSite).

    `name` is kept in lower case. Without a `password_hash` nobody can sign in yet: an invitation sets the first one.
    `totp_step` is the last time step whose code was accepted, so that no code is good twice.
    """

    __tablename__ = "operators"
    __table_args__ = (CheckConstraint("role IN ('owner', 'moderator')", name="role"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    all_sites: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(Moment)


class OperatorSite(Model):
    """A site that a moderator who has not all of them may moderate."""

    __tablename__ = "operator_sites"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True, index=True)


class RecoveryCode(Model):
    """One of the codes that stand in for a lost second factor; gone once it is used."""

    __tablename__ = "recovery_codes"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class Session(Model):
    """A browser in which an operator is signed in. Only the hash of its cookie is kept.

    `proven` says that the second factor was given, where there is one; `agent` and `address` (truncated) are for its
    operator to tell sessions apart.
    """

    __tablename__ = "sessions"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a session that ended must not be taken for a later one

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    proven: Mapped[bool]
    agent: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(43), default="")
    created: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment, index=True)


class Token(Model):
    """A key for the operators' API, with its scopes ("read moderate pages settings operators", separated by spaces).

    Where another token made it, it ends with that.
    """

    __tablename__ = "tokens"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    expires: Mapped[datetime | None] = mapped_column(Moment)
    created: Mapped[datetime] = mapped_column(Moment)
    used: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Model):
    """A link that is good once: it makes the first owner (no operator yet), or sets an operator's password.

    It is no longer good when the operator who made it is one no more.
    """

    __tablename__ = "invitations"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    expires: Mapped[datetime] = mapped_column(Moment)
    created: Mapped[datetime] = mapped_column(Moment)
