"""Tables: columns and constraints, no behaviour."""

from service.models.base import LARGEST_ID
from service.models.comment import SHOWN, Comment, Retry, Spent
from service.models.page import Page
from service.models.reader import Reader, Report, Vote
from service.models.site import Origin, Site

__all__ = ["LARGEST_ID", "SHOWN", "Comment", "Origin", "Page", "Reader", "Report", "Retry", "Site", "Spent", "Vote"]
