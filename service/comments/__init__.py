"""Writing, a verb a file, all through one gate."""

from service.comments.adopt import Adopted, adopt, known, prepare
from service.comments.draft import BODY_CHARACTERS, Author, Draft, DraftSchema
from service.comments.gate import write
from service.comments.moderate import Listed, get_comment, listing, moderate
from service.comments.post import Posted, Sender, post
from service.comments.retry import is_key as is_retry_key

__all__ = [
    "BODY_CHARACTERS",
    "Adopted",
    "Author",
    "Draft",
    "DraftSchema",
    "Listed",
    "Posted",
    "Sender",
    "adopt",
    "get_comment",
    "is_retry_key",
    "known",
    "listing",
    "moderate",
    "post",
    "prepare",
    "write",
]
