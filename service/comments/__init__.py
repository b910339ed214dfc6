"""Writing, a verb a file, all through one gate."""

from service.comments import person
from service.comments.adopt import Adopted, adopt, known, prepare
from service.comments.answer import Answer, AnswerSchema, answer, load_answer
from service.comments.asked import ORDERS, VIEWS, Asked, AskedSchema
from service.comments.asked import load as load_asked
from service.comments.batch import Batch, find_batch
from service.comments.counted import Counted, waiting
from service.comments.draft import BODY_CHARACTERS, Author, Draft, DraftSchema
from service.comments.edit import Edit, EditSchema, edit
from service.comments.erase import erase, restore
from service.comments.gate import write
from service.comments.history import (
    Reported,
    Revision,
    RevisionSchema,
    Version,
    as_seen,
    history,
    load_revision,
    reports,
    revise,
)
from service.comments.mine import Mine, forget, mine
from service.comments.moderate import DECISIONS, MOST, Decision, get_comment, moderate, undo
from service.comments.own import get_place, get_place_seen, until
from service.comments.post import Posted, Sender, post
from service.comments.preview import PreviewSchema, preview
from service.comments.queue import Entry, Listed, Part, get_entry, listing, look
from service.comments.report import Report, ReportSchema, report
from service.comments.retry import is_key as is_retry_key
from service.comments.steps import REASONS, Skipped
from service.comments.tidying import Tidied, erase_due, tidy
from service.comments.version import Seen, is_version
from service.comments.vote import Vote, VoteSchema, vote
from service.comments.wipe import wipe

__all__ = [
    "BODY_CHARACTERS",
    "DECISIONS",
    "MOST",
    "ORDERS",
    "REASONS",
    "VIEWS",
    "Adopted",
    "Answer",
    "AnswerSchema",
    "Asked",
    "AskedSchema",
    "Author",
    "Batch",
    "Counted",
    "Decision",
    "Draft",
    "DraftSchema",
    "Edit",
    "EditSchema",
    "Entry",
    "Listed",
    "Mine",
    "Part",
    "Posted",
    "PreviewSchema",
    "Report",
    "ReportSchema",
    "Reported",
    "Revision",
    "RevisionSchema",
    "Seen",
    "Sender",
    "Skipped",
    "Tidied",
    "Version",
    "Vote",
    "VoteSchema",
    "adopt",
    "answer",
    "as_seen",
    "edit",
    "erase",
    "erase_due",
    "find_batch",
    "forget",
    "get_comment",
    "get_entry",
    "get_place",
    "get_place_seen",
    "history",
    "is_retry_key",
    "is_version",
    "known",
    "listing",
    "load_answer",
    "load_asked",
    "load_revision",
    "look",
    "mine",
    "moderate",
    "person",
    "post",
    "prepare",
    "preview",
    "report",
    "reports",
    "restore",
    "revise",
    "tidy",
    "undo",
    "until",
    "vote",
    "waiting",
    "wipe",
    "write",
]
