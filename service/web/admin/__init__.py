"""The operators' pages, under `/admin/`: server-rendered, and complete without JavaScript."""

from service.web.admin import (
    account,
    audit,
    bans,
    factor,
    invitation,
    operators,
    pages,
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
    "factor",
    "invitation",
    "operators",
    "pages",
    "rules",
    "session",
    "sites",
    "spam",
]
