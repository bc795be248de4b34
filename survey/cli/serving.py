"""`survey serve` and `survey demo`: from settings to a running service, and to its clean end."""

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from survey.cli.running import Database, connected, database, given_settings, secret_key
from survey.errors import CannotStart
from survey.settings import Settings

if TYPE_CHECKING:
    import uvicorn
    from litestar import Litestar

GRACE_SECONDS = 10
HUNG_SECONDS = 30
"""A worker that says nothing for so long is killed; a busy machine may well leave one without a turn for five."""
PR_SET_PDEATHSIG = 1
Port = click.IntRange(0, 65535)


@click.command()
@click.option("--host", help="Address to listen on; 0.0.0.0 for all. [SURVEY_HOST, else 127.0.0.1]")
@click.option("--port", type=Port, help="Port to listen on. [SURVEY_PORT, else 8000]")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
def serve(host: str | None, port: int | None, workers: int) -> None:
    """Run the service until Ctrl-C."""
    settings = given_settings(host=host, port=port)
    with until_stopped(), listening(settings) as listener, database(settings) as running:
        settings = replace(settings, database_url=running.url, secret_key=secret_key(settings))
        asyncio.run(_check(settings))
        run(settings, running, listener, workers, [f"serving on {address(settings, listener)}"])


def application() -> "Litestar":
    """The application of a worker process; its settings come from the environment."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # a worker never outlives the program that started it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # see _ctrl_c_waits
    return _application(given_settings())


def _application(settings: Settings) -> "Litestar":
    from survey.web.app import create_app
    from survey.web.logs import set_up_logs

    set_up_logs(settings.log_level)
    app = create_app(settings)
    # What is there now stays: the collector need not look at it again (p99 36 ms -> 9 ms, measured).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    return app


async def _check(settings: Settings) -> None:
    """Refuse a database that is away, behind or ahead before anything listens."""
    async with connected(settings):
        pass


def run(settings: Settings, running: Database, listener: socket.socket, workers: int, lines: Sequence[str]) -> None:
    """Answer requests until told to stop."""
    import uvicorn

    config = uvicorn.Config(
        "survey.cli.serving:application" if workers > 1 else lambda: _application(settings),
        factory=True,
        workers=workers,
        loop="uvloop",
        http="survey.web.protocol:WholeReplies",
        ws="none",
        log_config=None,
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `web.limits.client_of` reads what it needs of them, and nothing else does
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HUNG_SECONDS,
    )
    if workers > 1:
        _run_workers(config, settings, running, listener, lines)
    else:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_run_alone(uvicorn.Server(config), running, listener, lines))


async def _run_alone(
    server: "uvicorn.Server", running: Database, listener: socket.socket, lines: Sequence[str]
) -> None:
    """Answer in this process, and keep an eye on the embedded server."""
    beside = [asyncio.create_task(_announce(server, lines))]
    if running.embedded is not None:
        beside.append(asyncio.create_task(running.embedded.watch()))
    try:
        await server.serve([listener])
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _announce(server: "uvicorn.Server", lines: Sequence[str]) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody else
        await asyncio.sleep(0.01)
    _print(lines)


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line)
    sys.stdout.flush()


def _run_workers(
    config: "uvicorn.Config", settings: Settings, running: Database, listener: socket.socket, lines: Sequence[str]
) -> None:
    """Answer in several processes; this one starts them, starts them again, and ends them."""
    from uvicorn.supervisors import Multiprocess

    embedded = running.embedded

    class Workers(Multiprocess):
        def init_processes(self) -> None:
            with _ctrl_c_waits():
                super().init_processes()

        def keep_subprocess_alive(self) -> None:
            with _ctrl_c_waits():
                super().keep_subprocess_alive()
            if embedded is not None and not embedded.is_running:
                with contextlib.suppress(CannotStart):
                    embedded.start()

    os.environ |= {
        "SURVEY_DATABASE_URL": str(settings.database_url),
        "SURVEY_SECRET_KEY": str(settings.secret_key),
    }
    _print(lines)
    Workers(config, [listener]).run()


@contextlib.contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C waits, here until the end of this, in a process begun inside until it can stop in good order."""
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # else it would be begun inside, and let Ctrl-C in again
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C, a closed terminal and a service manager's SIGTERM end what is inside cleanly, and are no error."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        yield


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket bound to the address before anything else is begun; nobody is answered until the service listens."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise CannotStart(f"{host!r} is no address of this machine: correct --host or SURVEY_HOST.") from None
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()  # a port that is only bound could be bound twice
        except PermissionError:
            raise CannotStart(f"Port {port} is for root alone: choose one above 1023 with --port.") from None
        except OSError as error:
            if error.errno == 98:
                raise CannotStart(
                    f"Port {port} of {host} is in use: stop the program there, or choose another with --port."
                ) from None
            raise CannotStart(f"Cannot listen on {host}: {error.strerror}: correct --host or SURVEY_HOST.") from None
        listener.set_inheritable(True)
        yield listener


def address(settings: Settings, listener: socket.socket) -> str:
    if settings.base_url:
        return settings.base_url.rstrip("/")
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else socket.gethostname()  # noqa: S104 - read only
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
