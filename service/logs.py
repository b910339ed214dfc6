"""What the service logs: one line each, JSON for programs or plain words for a terminal, without personal data.

Lines of the server (gunicorn), of the rooms and of requests go through the same form, to standard output. A line tells
no name, no e-mail address, no text, no token, no query of an address; a network address only truncated. Of an error it
tells where it came from and of which kind it is; its sentence only where that is never made from what somebody sent.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from types import TracebackType
from typing import Any, BinaryIO, TextIO

import structlog
from structlog.types import Processor

#: longest sentence of somebody else's that is told
_LONGEST = 500
#: exceptions whose sentence tells of our code and not of what was sent
_TELLING = (AttributeError, ImportError, MemoryError, NameError, OSError, RecursionError, TypeError)
#: what of an address could tell who read what, or stand for a key
_QUERY = re.compile(r"\?[^\s'\"]*")
#: Addresses of clients, as the server names them: all but the first two numbers go. This machine's own, 127.x.x.x and
#: ::1, are nobody's, and where it cannot listen they have to be told.
_IPV4 = re.compile(r"\b(?!127\.)(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}\b")
_IPV6 = re.compile(r"(?<![\w:])(?!::1(?![\w:.]))(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}")
#: PostgreSQL quotes the values of a row there
_DETAIL = re.compile(r"\s*\b(?:DETAIL|CONTEXT|PARAMETERS):.*", re.DOTALL)
#: the server's own names for its loggers say nothing to an operator
_NAMES = {"gunicorn.error": "server", "gunicorn.access": "server", "py.warnings": "python"}

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")


class _Access:
    """Where lines of requests go: nowhere until set_up() says so."""

    out: structlog.BytesLogger | None = None
    plain = False


def set_up(form: str = "auto", level: str = "info", *, access_lines: bool = True, stream: TextIO | None = None) -> None:
    """Send all lines of this process to `stream` (standard output), as `form` says: json, plain or auto.

    `level` is the least grave that is told: debug, info, warning or error. Without `access_lines` nothing is told of
    requests that went well.
    """
    stream = stream or sys.stdout
    plain = stream.isatty() if form == "auto" else form == "plain"
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(plain, stream.isatty()))
    for name in ("", "gunicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper())
    logging.getLogger("gunicorn.error").propagate = False
    # other people's libraries tell of their inner life at levels below
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.captureWarnings(True)
    _Access.plain = plain
    told = access_lines and logging.getLogger().level <= logging.INFO
    _Access.out = structlog.BytesLogger(_unbuffered(stream)) if told else None


def access(
    request_id: str, method: str, route: str, status: int, seconds: float, size: int | None, address: str = ""
) -> None:
    """Tell of a request that was answered; costs some microseconds, and nothing where such lines are off.

    `route` is the template of the path, never what was asked for; `size` the bytes of the answer's body, None where
    they are not known; `address` is truncated already (people.address.truncated).
    """
    out = _Access.out
    if out is None:
        return
    time = _stamp(None, "", {})["time"]
    if _Access.plain:
        told = "-" if size is None else size
        line = f"{time} {method} {route} {status} {seconds * 1000:.2f} ms {told} B {address} {request_id}"
        out.msg(line.encode("ascii", "backslashreplace"))
        return
    told = "null" if size is None else size
    said = f'"request_id":{_encode(request_id)},{_said(method, route, address)}'
    numbers = f'"status":{status},"ms":{seconds * 1000:.2f},"bytes":{told}'
    out.msg(f'{{"time":"{time}","level":"info","logger":"request",{said},{numbers}}}'.encode())


@lru_cache(maxsize=4096)
def _said(method: str, route: str, address: str) -> str:
    # the encoder is slow, as such things go, and these are nearly always the same
    return _encode({"method": method, "route": route, "address": address})[1:-1]


def _unbuffered(stream: TextIO) -> BinaryIO:
    # a buffer would have to be emptied after each line
    return open(stream.fileno(), "wb", buffering=0, closefd=False)


def tells_access() -> bool:
    """Tell whether lines of requests are on: without them, nobody needs to find out what they would say."""
    return _Access.out is not None


def _formatter(plain: bool, colours: bool) -> logging.Formatter:
    before: list[Processor] = [structlog.stdlib.add_log_level, _named, _stamp, _without_personal, _traced]
    before.append(structlog.contextvars.merge_contextvars)
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time")
        if plain
        else structlog.processors.JSONRenderer(serializer=lambda line, **_: _encode(line))
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        # a traceback is told by _traced, not by logging
        keep_exc_info=False,
        keep_stack_info=False,
        use_get_message=True,
    )


def _named(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = line["_record"]
    line["logger"] = _NAMES.get(record.name, record.name)
    return line


def _without_personal(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    said = _DETAIL.sub("", _QUERY.sub("?…", str(line["event"])))
    if line["logger"] == "server" and line["level"] not in ("info", "debug"):
        # what it says of a request that it could not read names the client, and quotes what it sent
        said = _IPV6.sub("(address)", _IPV4.sub(r"\1.0.0", said))
    line["event"] = "".join(each if each.isprintable() else " " for each in said)[:_LONGEST]
    return line


def _traced(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = line["_record"]
    line.pop("exc_info", None)
    line.pop("stack_info", None)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        line["error"], line["trace"] = _told(error), _trace(error)
    return line


def _told(error: BaseException) -> str:
    kind = type(error).__name__
    return f"{kind}: {_QUERY.sub('?…', str(error))[:_LONGEST]}" if isinstance(error, _TELLING) else kind


def _trace(error: BaseException) -> list[str]:
    # each place as "file:line function", the outermost first; of what caused it before it. No line of it holds a value.
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.insert(0, link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    places: list[str] = []
    for each in seen:
        places += _places(each.__traceback__)
        places.append(_told(each))
    return places


def _places(trace: TracebackType | None) -> list[str]:
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found
