"""Tables: columns and constraints, no behaviour."""

from service.models.audit import AuditEntry
from service.models.base import LARGEST_ID, LARGEST_INTEGER
from service.models.comment import PUBLISHED, SHOWN, Comment, CommentEdit, Retry, Spent
from service.models.operator import Invitation, Operator, OperatorSite, RecoveryCode, Session, Token
from service.models.page import Page
from service.models.policy import Ban, SpamLesson, SpamWord
from service.models.reader import Reader, Report, Vote
from service.models.site import Origin, Site

__all__ = [
    "LARGEST_ID",
    "LARGEST_INTEGER",
    "PUBLISHED",
    "SHOWN",
    "AuditEntry",
    "Ban",
    "Comment",
    "CommentEdit",
    "Invitation",
    "Operator",
    "OperatorSite",
    "Origin",
    "Page",
    "Reader",
    "RecoveryCode",
    "Report",
    "Retry",
    "Session",
    "Site",
    "SpamLesson",
    "SpamWord",
    "Spent",
    "Token",
    "Vote",
]
