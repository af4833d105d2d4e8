"""The commands of `portal-widgets`."""

import os
import re
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

import click
from marshmallow import ValidationError

from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import catalogue_of, keep_out_of_log, log_to_stderr, store_of, utc_now
from service.collector import lock
from service.collector.supervisor import (
    NOTHING_TO_DO,
    STORE_DAMAGED,
    Supervisor,
    end_with_parent,
    part_command,
)
from service.core.errors import SettingsError, StoreError, StoreRefusedError
from service.core.folding import without_controls
from service.core.secrets import loggable_url
from service.settings import cli_feeds
from service.settings.fields import upstream_url
from service.settings.load import CONFIG, DEMO, STORM, load
from service.settings.model import Settings
from service.storage.store import SqliteStore

_BAD_CONFIGURATION = 2
_SOMETHING_FAILED = 1
_LOCKED = 3
_PARTS = ("weather", "articles")
_BETWEEN_LOOKS = 1.0  # seconds
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_LAST_PORT = 65_535


def _names_a_file(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
    """Pass `--config` on through the environment, which the workers and the collector inherit."""
    if value is not None:
        os.environ[CONFIG] = str(Path(value).absolute())


_config = click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_names_a_file,
    help="The configuration, in TOML; PORTAL_WIDGETS_CONFIG names it as well.",
)


def _is_an_address(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what is no host and port, before anything is begun."""
    address = _ADDRESS.fullmatch(value)
    if address is None:
        raise click.BadParameter("not HOST:PORT, for example 127.0.0.1:8000 or [::1]:8000")
    if not 1 <= int(address["port"]) <= _LAST_PORT:
        raise click.BadParameter("the port must be a number from 1 to 65535")
    return value


def _are_feeds(_context: click.Context, _option: click.Parameter, urls: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no address of a feed, before anything is begun."""
    for url in urls:
        try:
            upstream_url(url)
        except ValidationError as error:
            raise click.BadParameter(f'"{loggable_url(url)}" {error.messages[0]}') from None
    return urls


@click.group()
@click.version_option(package_name="portal-widgets")
def main() -> None:
    """Weather and news for the side boxes of city portals."""


@main.command()
@_config
@click.option(
    "--bind", metavar="HOST:PORT", default="127.0.0.1:8000", show_default=True, callback=_is_an_address
)
@click.option("--workers", metavar="N", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option(
    "--demo", is_flag=True, help="Sample data from a bundled upstream, for a machine without internet."
)
@click.option("--storm", is_flag=True, help="With --demo: the sample weather is that of a storm.")
@click.option(
    "--feed",
    "feeds",
    metavar="URL",
    multiple=True,
    callback=_are_feeds,
    help="An article source besides the configured ones, to try it; may be given several times.",
)
def serve(bind: str, workers: int, feeds: tuple[str, ...], *, demo: bool, storm: bool) -> None:
    """Serve widgets and JSON; becomes gunicorn."""
    if demo and feeds:
        raise click.UsageError(
            "--feed brings real news and --demo shows samples alone: leave one of them out"
        )
    if storm and not demo:
        raise click.UsageError("--storm plays sample weather: it goes with --demo")
    os.environ[cli_feeds.FEEDS] = cli_feeds.encode(feeds)
    if demo:
        os.environ[DEMO] = "1"
        os.environ[STORM] = "1" if storm else ""
        _use_a_new_store(bind)
    settings = _settings_or_exit()
    _store_or_exit(settings)
    host, _, port = bind.rpartition(":")
    shown = host if host not in {"0.0.0.0", "[::]"} else "127.0.0.1"  # noqa: S104 - only shown
    click.echo(f"Open {settings.site.public_url or f'http://{shown}:{port}'}/")
    command = [sys.executable, "-m", "service.server.run_gunicorn", "-c", "python:service.gunicorn"]
    command += ["--bind", bind, "--workers", str(workers), "service.asgi:app"]
    sys.stdout.flush()
    # -P would hold for this start alone; the variable also does when gunicorn replaces itself (SIGUSR2).
    os.environ["PYTHONSAFEPATH"] = "1"
    os.execv(sys.executable, command)  # noqa: S606 - no shell is meant


@main.command()
@_config
@click.option("--once", is_flag=True, help="One pass over what is due, then end.")
@click.option("--force", is_flag=True, help="With --once: also what rests or is not due yet.")
@click.option("--lock-fd", type=int, hidden=True, help="The lock, held by the worker that starts this.")
@click.option("--only", type=click.Choice(_PARTS), hidden=True, help="One part, started by the supervisor.")
@click.option(
    "--heartbeat-fd", type=int, hidden=True, help="Where a part shows the supervisor that it goes on."
)
def collect(
    *, once: bool, force: bool, lock_fd: int | None, only: str | None, heartbeat_fd: int | None
) -> None:
    """Run the collecting half only."""
    if force and not once:
        raise click.UsageError("--force goes with --once")
    if lock_fd is not None or only is not None:
        end_with_parent(sys.stdin.fileno())
    log_to_stderr(f"collect {only}" if only else "collect")
    settings = _settings_or_exit()
    keep_out_of_log(settings.secrets)
    _store_or_exit(settings)
    try:
        if only is not None:
            _collect_part(settings, only, heartbeat_fd)
        _hold_the_lock(settings, lock_fd, wait=not once)
        _set_aside_if_damaged(settings)
        sys.exit(_collect_once(settings, forced=force) if once else _supervise(settings))
    except SettingsError as error:  # what only the network's door can tell, of certificates and proxies
        _end(str(error), _BAD_CONFIGURATION)
    except StoreRefusedError as error:
        _end(f"store.url: {error}", _BAD_CONFIGURATION)
    except (StoreError, OSError) as error:
        _end(f"store.url: {error}", _SOMETHING_FAILED)


@main.command()
@_config
@click.argument("article_id")
def forget(article_id: str) -> None:
    """Take an article down everywhere; it does not come back."""
    settings = _settings_or_exit()
    _store_or_exit(settings)
    repository = SqliteArticleRepository(store_of(settings))
    article_id = without_controls(article_id)  # bytes that are no text arrive as lone surrogates
    try:
        if not repository.seen([article_id]):
            _end(
                f"no article has the id “{article_id}”; it stands in the address of its page",
                _SOMETHING_FAILED,
            )
        repository.take_down([article_id], wherever_told=True)
    except StoreRefusedError as error:
        _end(f"store.url: {error}", _BAD_CONFIGURATION)
    except StoreError as error:
        _end(f"store.url: {error}", _SOMETHING_FAILED)
    click.echo(f"{article_id} was taken down")


@main.command()
@_config
def check() -> None:
    """Validate the configuration and ask every provider once."""
    settings = _settings_or_exit()
    if refusal := store_of(settings).content_refusal(is_ours=_was_used(settings.store.path)):
        _end(f"store.url: {refusal}", _BAD_CONFIGURATION)
    from service.check import check as checked  # noqa: PLC0415 - it brings the whole collecting half

    try:
        sys.exit(_SOMETHING_FAILED if checked(settings, click.echo) else 0)
    except SettingsError as error:
        _end(str(error), _BAD_CONFIGURATION)


def _end(why: str, code: int) -> NoReturn:
    click.echo(why, err=True)
    sys.exit(code)


def _settings_or_exit() -> Settings:
    try:
        settings = load(os.environ)
        catalogue_of(settings)
    except SettingsError as error:
        _end(str(error), _BAD_CONFIGURATION)
    return settings


def _store_or_exit(settings: Settings) -> None:
    """A store that can never be written to, or must not be, is a fault of the configuration."""
    _usable_or_exit(store_of(settings))


def _usable_or_exit(store: SqliteStore) -> None:
    if refusal := store.refusal(is_ours=_was_used(store.path)):
        _end(f"store.url: {refusal}", _BAD_CONFIGURATION)


def _was_used(path: Path) -> bool:
    """Whether a collector ever kept something in this file: then its lock lies beside it."""
    return lock.path_for(path).exists()


def _use_a_new_store(bind: str) -> None:
    """Sample data never meets real data: it has a store of its own, made anew at each start."""
    port = bind.rpartition(":")[2]
    path = _settings_or_exit().store.path.with_name(f"demo-{port}.sqlite3")
    _usable_or_exit(SqliteStore(path))
    for stale in path.parent.glob(f"{path.name}*"):
        stale.unlink()
    os.environ["PORTAL_WIDGETS_STORE__URL"] = f"sqlite://{path}"


def _hold_the_lock(settings: Settings, inherited: int | None, *, wait: bool) -> None:
    """Take the lock for as long as this process lives, unless it was inherited."""
    if inherited is not None:
        os.set_inheritable(inherited, False)
        return
    said = False
    while lock.acquire(lock.path_for(settings.store.path)) is None:
        if not wait:
            click.echo("another collector holds the lock", err=True)
            sys.exit(_LOCKED)
        if not said:
            click.echo("another collector holds the lock; waiting", err=True)
        said = True
        time.sleep(_BETWEEN_LOOKS)


def _set_aside_if_damaged(settings: Settings) -> None:
    if aside := store_of(settings).set_aside_if_damaged():
        _say_where(aside)


def _set_aside(settings: Settings) -> None:
    """Set aside what a part has found damaged: a file that was cut to nothing looks new to this process."""
    _say_where(store_of(settings).set_aside())


def _say_where(aside: Path) -> None:
    click.echo(f"store.url: the damaged file was moved to {aside}; a new one was begun", err=True)


def _supervise(settings: Settings) -> int:
    """Run a process for each part until a signal comes."""
    return Supervisor(_PARTS, part_command, lambda: _set_aside(settings)).run()


def _collect_once(settings: Settings, *, forced: bool) -> int:
    from service.bootstrap_collect import article_collector_of, collector_of, with_demo  # noqa: PLC0415 - it brings the whole collecting half
    from service.collector.loop import StopSignal  # noqa: PLC0415 - likewise
    from service.collector.sandbox import Sandbox  # noqa: PLC0415 - likewise

    stop = StopSignal()
    stop.install()
    with ExitStack() as resources:
        settings = with_demo(settings, resources)
        store, sandbox = store_of(settings), resources.enter_context(Sandbox())
        weather = collector_of(settings, stop.wait, store=store).run(forced=forced)
        articles = article_collector_of(settings, stop.wait, store, sandbox).run(forced=forced)
    return _SOMETHING_FAILED if weather.failed + articles.failed else 0


def _collect_part(settings: Settings, part: str, heartbeat: int | None) -> NoReturn:
    """Run one part until the supervisor ends it; the lock is the supervisor's."""
    from service.bootstrap_collect import PARTS, with_demo  # noqa: PLC0415 - it brings the whole collecting half
    from service.collector.loop import NothingToDoError, StopSignal, exit_now, run_loop  # noqa: PLC0415 - likewise

    stop = StopSignal(heartbeat)
    stop.install()
    with ExitStack() as resources:
        settings = with_demo(settings, resources)
        store = store_of(settings)
        running = PARTS[part](settings, stop.wait, store, resources)

        def end_if_damaged() -> None:
            with suppress(StoreError):  # it cannot even be looked at; it is tried again
                if store.is_damaged():
                    exit_now(STORE_DAMAGED)

        try:
            run_loop(running, stop, utc_now, end_if_damaged)
            status = 0
        except NothingToDoError:
            status = NOTHING_TO_DO
        except StoreRefusedError as error:  # a newer version took the store over: its collector gets the lock
            click.echo(f"store.url: {error}", err=True)
            status = _BAD_CONFIGURATION
        exit_now(status)
