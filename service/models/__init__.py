"""Tables: columns and constraints, no behaviour."""

from service.models.comment import SHOWN, Comment, Retry, Spent
from service.models.page import Page
from service.models.reader import Reader, Report, Vote
from service.models.site import Origin, Site

__all__ = ["SHOWN", "Comment", "Origin", "Page", "Reader", "Report", "Retry", "Site", "Spent", "Vote"]
