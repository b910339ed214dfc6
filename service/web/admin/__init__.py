"""The operators' pages, under `/admin/`: server-rendered, and complete without JavaScript."""

from service.web.admin import account, audit, comment, factor, invitation, operators, queue, session
from service.web.admin.guard import blueprint

__all__ = ["account", "audit", "blueprint", "comment", "factor", "invitation", "operators", "queue", "session"]
