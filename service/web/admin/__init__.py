"""The operators' pages, under `/admin/`: server-rendered, and complete without JavaScript."""

from service.web.admin import account, audit, factor, invitation, operators, session
from service.web.admin.guard import blueprint

__all__ = ["account", "audit", "blueprint", "factor", "invitation", "operators", "session"]
