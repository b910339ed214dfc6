"""`afterword serve` and `afterword migrate`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from service import database
from service.cli import counts
from service.cli.operator import setup_link
from service.cli.output import now, opened
from service.errors import AfterwordError, Misconfigured
from service.settings import environment
from service.transfer import running

#: gunicorn's own defaults where they are not named here; reasons beside those that are
_OPTIONS = {
    "worker-connections": "10000",  # in each worker: a connection costs some kilobytes, and idle ones are many
    "timeout": "30",
    "graceful-timeout": "30",
    "keep-alive": "5",
    "max-requests": "10000",  # a worker that leaked anything is replaced; the jitter keeps all from going at once
    "max-requests-jitter": "1000",
    "limit-request-line": "8190",  # gunicorn's most: an index page asks for a hundred addresses' counts at once
    "forwarded-allow-ips": "",  # who may say X-Forwarded-For is AFTERWORD_TRUSTED_PROXIES' business
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 128), help="Threads in each.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve comments, after bringing the embedded database up to date.

    Ends when told to by SIGTERM or Ctrl-C, as soon as the requests under way are answered.
    """
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    with opened() as settings:  # checks the settings and migrates: a fault shows here, once, and not in every worker
        _refuse_unfit()
        running.hold(settings.data_dir)  # for gunicorn and its workers, until the last of them ends
        _invite_first_owner(settings.public_url or f"http://{_reached(bind)}")
    options = {**_OPTIONS, "bind": bind, "workers": str(workers)}
    if settings.quick_reads:
        options |= {"worker-class": "service.worker.Worker", "asgi-loop": "auto", "asgi-lifespan": "off"}
        application = f"service:create_application({threads})"
    else:
        options |= {"worker-class": "gthread", "threads": str(threads)}
        application = "service:create_app()"
    if Path("/dev/shm").is_dir():
        options["worker-tmp-dir"] = "/dev/shm"  # a heartbeat on a slow disk looks like a hung worker
    options["config"] = str(Path(__file__).parents[1] / "web" / "server.py")  # a name: nothing of it is read here
    more = {}
    if settings.metrics != "off":
        # for the workers; and for the master from its beginning: what counts looks for it as it is imported
        more["PROMETHEUS_MULTIPROC_DIR"] = str(counts.made_fresh())
        options["env"] = f"PROMETHEUS_MULTIPROC_DIR={more['PROMETHEUS_MULTIPROC_DIR']}"
    arguments = ["--no-control-socket"]  # nothing of ours talks to it, and it would lie in the user's home
    arguments += [part for name, value in options.items() for part in (f"--{name}", value)]
    sys.stdout.flush()
    # takes this process's place, so that signals reach gunicorn itself
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", *arguments, application], environment(**more))


def _refuse_unfit() -> None:
    # a database that is away is no reason not to serve: requests are told so until it is back
    faults: list[str] = []
    with suppress(AfterwordError):
        faults = database.broken_promises()
        if database.pending_migrations():
            faults.append("The database's schema is not up to date: run afterword migrate.")
    if faults:
        raise Misconfigured(faults)


def _invite_first_owner(base: str) -> None:
    # a database that can't be written, or has no tables yet, is no reason not to serve
    with suppress(AfterwordError):
        link = None if database.pending_migrations() else setup_link(now(), base)
        if link is not None:
            click.echo(f"There is no owner yet. By this link, good once and for a day, you become one:\n{link}")


def _reached(bind: str) -> str:
    # what listens everywhere is reached from this machine under its own address
    host, _, port = bind.rpartition(":")
    return f"127.0.0.1:{port}" if host in ("0.0.0.0", "[::]") else bind


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    with opened() as settings:
        # the embedded database was migrated as it was opened
        if not database.is_embedded():
            database.migrate(settings)
    click.echo("The database is up to date.")
