"""Reading: view -> query -> payload -> cached bytes. A read never writes, and depends on nobody who asks."""

from service.threads.cache import Cache, Ready, etag_of
from service.threads.counts import count, count_again
from service.threads.payload import moment, own_comment
from service.threads.read import get_comment, read, read_again
from service.threads.view import SORTS, View, ViewSchema

__all__ = [
    "SORTS",
    "Cache",
    "Ready",
    "View",
    "ViewSchema",
    "count",
    "count_again",
    "etag_of",
    "get_comment",
    "moment",
    "own_comment",
    "read",
    "read_again",
]
