"""gunicorn's asgi worker, with the bounds that it lacks.

As of gunicorn 27.0.1 a connection that never sends a whole head, or never reads its answer, is held for ever, as many
as come are taken, and idle ones hold up the end of a worker for the whole graceful timeout.

It lies here, and not in `web`, since the master imports it: what the master has imported stays as it is when new code
is loaded on HUP.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

from gunicorn.asgi import protocol
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

#: seconds in which the first head on a connection must have arrived; later ones have the keep-alive's
HEAD_SECONDS = 15.0
#: seconds that an answer may wait for its reader
READ_SECONDS = 30.0
#: seconds that idle connections stay open as a worker ends
LAST_SECONDS = 1.0
_TICKS = 20
#: what ends a worker; the master holds it back as it forks, until somebody in the worker listens
ENDS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})


class Connection(ASGIProtocol):  # type: ignore[misc]  # gunicorn is untyped
    """A connection that is closed when its client takes too long."""

    _unread: Any = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        self.worker.connections.add(self)
        if self.worker.nr_conns > self.worker.worker_connections:
            transport.abort()
            return
        # the timer that a kept connection waits with: it ends as the head is there
        self._keepalive_handle = self.worker.loop.call_later(HEAD_SECONDS, self._keepalive_timeout)

    def data_received(self, data: bytes) -> None:
        """Take what arrives; what cannot be read is answered so, and ends the connection."""
        try:
            super().data_received(data)
        except ValueError:  # a length of thousands of digits
            self._send_error_response(400, "The request cannot be read.")
            self._close_transport()

    def connection_lost(self, exc: Any) -> None:
        """Forget the connection."""
        self.worker.connections.discard(self)
        self._read()
        super().connection_lost(exc)

    def eof_received(self) -> bool:
        """Go on answering a client that has sent its request whole and says that no other follows."""
        return self._body_receiver is not None and bool(self._body_receiver._complete)

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        self._unread = self.worker.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        self._read()
        super().resume_writing()

    def close_if_idle(self) -> None:
        """Close the connection unless a request is under way."""
        if self._awaiting_request:
            self._keepalive_timeout()

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A worker of such connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[Connection] = set()

    def init_process(self) -> None:
        """Begin to serve."""
        gasgi.ASGIProtocol = Connection  # the worker names the class in the middle of a long method
        protocol._CACHED_SERVER_HEADER = b""  # what serves is nobody's business
        super().init_process()

    def init_signals(self) -> None:
        """End at once when told to, as long as the application is being loaded: nobody is served yet.

        What the loop is told before it runs is lost. Such a worker would serve on until it is killed, as the graceful
        timeout is over, with comments in its hands.
        """
        for number in ENDS:
            signal.signal(number, lambda *_: sys.exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    async def _serve(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # on the way from one listener to the other nothing is missed
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        await super()._serve()

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        # a moment for requests that are on their way; their answers say that the connection closes
        for _ in range(_TICKS):
            if not self.connections:
                break
            await asyncio.sleep(LAST_SECONDS / _TICKS)
        for connection in list(self.connections):
            connection.close_if_idle()
        await super()._shutdown()
