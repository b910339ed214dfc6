"""Writing, a verb a file, all through one gate."""

from service.comments.adopt import Adopted, adopt, known, prepare
from service.comments.draft import BODY_CHARACTERS, Author, Draft, DraftSchema
from service.comments.edit import Edit, EditSchema, edit
from service.comments.erase import erase, restore
from service.comments.gate import write
from service.comments.mine import Mine, forget, mine
from service.comments.moderate import Listed, get_comment, listing, moderate
from service.comments.own import get_place, until
from service.comments.post import Posted, Sender, post
from service.comments.preview import PreviewSchema, preview
from service.comments.report import Report, ReportSchema, report
from service.comments.retry import is_key as is_retry_key
from service.comments.tidying import Tidied, erase_due, tidy
from service.comments.vote import Vote, VoteSchema, vote

__all__ = [
    "BODY_CHARACTERS",
    "Adopted",
    "Author",
    "Draft",
    "DraftSchema",
    "Edit",
    "EditSchema",
    "Listed",
    "Mine",
    "Posted",
    "PreviewSchema",
    "Report",
    "ReportSchema",
    "Sender",
    "Tidied",
    "Vote",
    "VoteSchema",
    "adopt",
    "edit",
    "erase",
    "erase_due",
    "forget",
    "get_comment",
    "get_place",
    "is_retry_key",
    "known",
    "listing",
    "mine",
    "moderate",
    "post",
    "prepare",
    "preview",
    "report",
    "restore",
    "tidy",
    "until",
    "vote",
    "write",
]
