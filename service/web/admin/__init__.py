"""The operators' pages, under `/admin/`: server-rendered, and complete without JavaScript."""

from service.web.admin import (
    account,
    audit,
    bans,
    comment,
    factor,
    invitation,
    operators,
    pages,
    queue,
    rules,
    session,
    sites,
    spam,
)
from service.web.admin.guard import blueprint

__all__ = [
    "account",
    "audit",
    "bans",
    "blueprint",
    "comment",
    "factor",
    "invitation",
    "operators",
    "pages",
    "queue",
    "rules",
    "session",
    "sites",
    "spam",
]
