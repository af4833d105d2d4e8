"""The commands of `portal-widgets`.

The collecting half is imported inside the commands that need it, so that the others start quickly.
"""

import errno
import logging
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import click
from marshmallow import ValidationError

from service.articles.model import Article
from service.articles.store.sqlite import SqliteArticleRepository
from service.backup import restore as restore_backup
from service.bootstrap import (
    apply_log_settings,
    configure_logging,
    default_place,
    demo_sources,
    load_catalogue,
    open_store,
    share_counters,
    utc_now,
)
from service.collector.supervisor import (
    NOT_PERMITTED,
    NOTHING_TO_DO,
    STORE_DAMAGED,
    Supervisor,
    acquire_lock,
    end_with_parent,
    lock_path,
    part_command,
    still_holds,
)
from service.core.decisions import Decision
from service.core.errors import SettingsError, StoreError, StoreRefusedError
from service.core.folding import without_controls
from service.core.progress import Progress
from service.core.secrets import loggable_url
from service.settings.environment import ADDRESS, CONFIG, DEMO, FEEDS, STORM, unknown_variables
from service.settings.fields import upstream_url
from service.settings.load import load, load_configuration
from service.settings.model import Selectors, Settings
from service.share.permit import Permission, PermitFile
from service.storage.backup import BackupError, back_up
from service.storage.damage_watch import DamageWatch
from service.storage.decisions import SqliteDecisions
from service.storage.store import SqliteStore

log = logging.getLogger(__name__)

_FAILED, _BAD_CONFIGURATION, _LOCKED = 1, 2, 3  # exit statuses
_PARTS = ("weather", "articles")
_SHARING = "share"  # the part that speaks with other hosts
_LOCK_RETRY = 1.0  # seconds
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_MAX_PORT = 65_535
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


def _export_config(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
    """Pass `--config` on in the environment, which the workers and the collector inherit."""
    if value is not None:
        os.environ[CONFIG] = str(Path(value).absolute())


_config = click.option(
    "--config",
    metavar="FILE",
    expose_value=False,
    callback=_export_config,
    help="The configuration, in TOML; PORTAL_WIDGETS_CONFIG names it as well.",
)


def _check_bind(_context: click.Context, _option: click.Parameter, value: str) -> str:
    address = _ADDRESS.fullmatch(value)
    if address is None:
        raise click.BadParameter("not HOST:PORT, for example 127.0.0.1:8000 or [::1]:8000")
    if not 1 <= int(address["port"]) <= _MAX_PORT:
        raise click.BadParameter("the port must be a number from 1 to 65535")
    return value


def _check_feeds(_context: click.Context, _option: click.Parameter, urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        try:
            upstream_url(url)
        except ValidationError as error:
            raise click.BadParameter(f'"{loggable_url(url)}" {error.messages[0]}') from None
    return urls


def _check_portal(_context: click.Context, _argument: click.Parameter, url: str) -> str:
    """Accept the address of a portal, which may lack the scheme."""
    try:
        upstream_url(url if "://" in url else f"https://{url}")
    except ValidationError as error:
        raise click.BadParameter(f'"{loggable_url(url)}" {error.messages[0]}') from None
    return url


@click.group()
@click.version_option(package_name="portal-widgets")
def main() -> None:
    """Weather and news for the side boxes of city portals."""


@main.command()
@_config
@click.option(
    "--bind", metavar="HOST:PORT", default="127.0.0.1:8000", show_default=True, callback=_check_bind
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
    callback=_check_feeds,
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
    os.environ[FEEDS] = "\n".join(feeds)
    _check_address(bind)  # before the demo begins its store anew, which may be in use
    if demo:
        os.environ[DEMO] = "1"
        os.environ[STORM] = "1" if storm else ""
        _use_demo_store(bind)
    settings = _settings_or_exit()
    _check_selectors(settings)
    _check_store(open_store(settings))
    _tell_of_another_deployment(settings)
    host, _, port = bind.rpartition(":")
    reachable = host if host not in {"0.0.0.0", "[::]"} else "127.0.0.1"  # noqa: S104 - only printed
    os.environ[ADDRESS] = f"{settings.site.public_url or f'http://{reachable}:{port}'}/"
    command = [sys.executable, "-m", "service.server.run_gunicorn", "-c", "python:service.gunicorn"]
    command += ["--bind", bind, "--workers", str(workers), "service.asgi:app"]
    sys.stdout.flush()
    # -P would apply to this start only; the variable also applies when gunicorn replaces itself (SIGUSR2).
    os.environ["PYTHONSAFEPATH"] = "1"
    os.execv(sys.executable, command)  # noqa: S606 - no shell is meant


def _check_address(bind: str) -> None:
    """Exit if nothing can listen at this address."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
    except socket.gaierror:
        _exit(f"--bind {bind}: there is no host of this name", _FAILED)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: "the port is in use by another program; end that one or choose another port",
            errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 means all that it has",
            errno.EACCES: "only root may listen at this port; choose one from 1024 on",
        }
        _exit(f"--bind {bind}: {reasons.get(error.errno or 0, error.strerror)}", _FAILED)


def _tell_of_another_deployment(settings: Settings) -> None:
    """Say that a collector runs already, which is another deployment's unless operators run it themselves."""
    if settings.collector.external:
        return
    with suppress(OSError):
        descriptor = acquire_lock(lock_path(settings.store.path))
        if descriptor is not None:
            os.close(descriptor)
            return
        click.echo(
            f"store.url: {settings.store.path} is in use by another deployment, whose collector goes on"
            " fetching by its own configuration; name another file for this one, or end that one",
            err=True,
        )


@main.command()
@_config
@click.option("--once", is_flag=True, help="One pass over what is due, then end.")
@click.option("--force", is_flag=True, help="With --once: also what rests or is not due yet.")
@click.option("--lock-fd", type=int, hidden=True, help="The lock, held by the worker that starts this.")
@click.option(
    "--only", type=click.Choice((_SHARING, *_PARTS)), hidden=True, help="One part, started by the supervisor."
)
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
    configure_logging(f"collect {only}" if only else "collect")
    settings = _settings_or_exit(warn=only is None)  # the supervisor of a part has warned
    apply_log_settings(settings)
    if only is None:
        _check_selectors(settings)
    store = open_store(settings)
    _check_store(store)
    if store.path.exists() and (refusal := store.write_refusal()):
        _exit(f"store.url: {refusal}", _BAD_CONFIGURATION)
    store.close()
    try:
        if only is not None:
            _collect_part(settings, only, heartbeat_fd)
        lock = _hold_lock(settings, lock_fd, wait=not once)
        _set_aside_if_damaged(settings)
        sys.exit(_collect_once(settings, forced=force) if once else _supervise(settings, lock))
    except SettingsError as error:  # faults that only the HTTP client finds, in certificates and proxies
        _exit(str(error), _BAD_CONFIGURATION)
    except StoreRefusedError as error:
        _exit(f"store.url: {error}", _BAD_CONFIGURATION)
    except (StoreError, OSError) as error:
        _exit(f"store.url: {error}", _FAILED)


@main.command()
@_config
@click.argument("article_id")
def forget(article_id: str) -> None:
    """Take an article down everywhere; it does not come back."""
    settings = _settings_or_exit()
    _check_store(open_store(settings))
    store = open_store(settings)
    repository = SqliteArticleRepository(store)
    article_id = without_controls(article_id)  # malformed UTF-8 arrives as lone surrogates
    try:
        if not repository.seen([article_id]):
            _exit(
                f"no article in {settings.store.path} has the id “{article_id}”;"
                " it stands in the address of its page",
                _FAILED,
            )
        articles = repository.get([article_id])
        repository.take_down([article_id], everywhere=True)
        _record_forgotten(store, articles)
    except StoreError as error:
        _note_forgotten(store, article_id, error)
    click.echo(f"{article_id} was taken down in {settings.store.path}")


def _note_forgotten(store: SqliteStore, article_id: str, error: StoreError) -> NoReturn:
    """Note beside the store, which cannot be used now, that the article is to be taken down, and exit."""
    told = ""
    if _ARTICLE_ID.fullmatch(article_id):
        try:
            store.takedowns.add([(article_id, "")])
            told = f"; {article_id} is noted in {store.takedowns.path}, hidden, and removed by a later write"
        except OSError as failure:
            told = f"; nor can it be noted in {store.takedowns.path}: {failure.strerror}; run this again"
    refused = isinstance(error, StoreRefusedError)
    _exit(f"store.url: {error}{told}", _BAD_CONFIGURATION if refused else _FAILED)


def _record_forgotten(store: SqliteStore, articles: Sequence[Article]) -> None:
    """Record why these are gone, for `why`."""
    SqliteDecisions(store).record(
        [
            Decision(
                f"article/{article.source}",
                article.id,
                utc_now(),
                "barred",
                "it was taken down for good by the command forget",
                article.title,
                article.canonical_url,
            )
            for article in articles
        ]
    )


@main.command()
@_config
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write everything that is kept into FILE, also while the service runs."""
    store = open_store(_settings_or_exit())
    try:
        with Progress(sys.stderr).lasting(f"reading {store.path}"):
            content = back_up(store, file)
        click.echo(f"done: {content}")
    except BackupError as error:
        _exit(str(error), _FAILED)


@main.command()
@_config
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Take back everything of the backup FILE, also while the service runs; what is there is copied first."""
    settings = _settings_or_exit()
    store = open_store(settings)
    _check_store(store)
    try:
        with Progress(sys.stderr).lasting(f"reading {file}"):
            content, before = restore_backup(store, file)
    except BackupError as error:
        _exit(str(error), _FAILED)
    click.echo(f"done: {content}")
    if before is not None:
        click.echo(f"what was there before is in {before}; remove it when all is well")


@main.command()
@_config
@click.argument("subject", metavar="CITY-or-URL-or-ARTICLE_ID")
def why(subject: str) -> None:
    """Tell why something is shown as it is, or not: the last decisions about a city or an article."""
    from service.why import Why  # noqa: PLC0415 - `serve` and `collect` need none of it

    settings = _settings_or_exit()
    store = open_store(settings)
    _check_store(store)
    if settings.demo:
        settings = replace(settings, articles=replace(settings.articles, source=demo_sources()))
    subject = without_controls(subject)  # malformed UTF-8 arrives as lone surrogates
    try:
        lines, known = Why(settings, load_catalogue(settings), store, utc_now()).about(subject)
    except StoreError as error:
        _exit(f"why: {error}", _FAILED)
    click.echo(settings.secrets.redact("\n".join([*lines, f"(as recorded in {settings.store.path})"])))
    sys.exit(0 if known else _FAILED)


@main.command()
@_config
@click.option("--articles", is_flag=True, help="Read five articles of every source, and print them.")
def check(*, articles: bool) -> None:
    """Validate the configuration and ask every provider and article source once."""
    settings = _settings_or_exit()
    _check_selectors(settings)
    if refusal := open_store(settings).content_refusal(is_ours=_was_used(settings.store.path)):
        _exit(f"store.url: {refusal}", _BAD_CONFIGURATION)
    from service.check import check as run_checks  # noqa: PLC0415 - it imports the collecting half

    try:
        failed = run_checks(settings, click.echo, with_articles=articles, progress=Progress(sys.stderr))
        sys.exit(_FAILED if failed else 0)
    except SettingsError as error:
        _exit(str(error), _BAD_CONFIGURATION)


@main.command()
@_config
@click.argument("url", callback=_check_portal)
def discover(url: str) -> None:
    """Look at a portal's address, and print what to paste into the configuration to read its articles."""
    settings = _settings_or_exit()
    from service.discover import discover as look_at_portal  # noqa: PLC0415 - it imports the collecting half

    try:
        sys.exit(0 if look_at_portal(url, settings, click.echo, Progress(sys.stderr)) else _FAILED)
    except SettingsError as error:
        _exit(str(error), _BAD_CONFIGURATION)


def _exit(message: str, status: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(status)


@main.command()
@_config
def config() -> None:
    """Print the effective configuration, each key with where its value came from; secrets are hidden."""
    from service.settings.effective import effective  # noqa: PLC0415 - no other command needs it

    try:
        read = load_configuration(os.environ)
        place = default_place(read.settings, load_catalogue(read.settings))
    except SettingsError as error:
        _exit(str(error), _BAD_CONFIGURATION)
    _check_selectors(read.settings)
    _warn_of_unknown_variables()
    click.echo(f"# portal-widgets {version('portal-widgets')}")
    click.echo(f"# file: {os.environ.get(CONFIG) or 'none'}")
    for line in effective(read.settings, read.tables, read.variables, place.id if place else ""):
        click.echo(line)


def _check_selectors(settings: Settings) -> None:
    """Exit if a source has a selector that is not CSS, which only the parser of pages can tell."""
    chosen = [source for source in settings.articles.source if source.selectors != Selectors()]
    if not chosen:
        return
    from service.articles.extract.css_selectors import selector_faults  # noqa: PLC0415 - few need it

    if faults := selector_faults(chosen):
        _exit("\n".join(faults), _BAD_CONFIGURATION)


def _warn_of_unknown_variables() -> None:
    for line in unknown_variables(os.environ):
        click.echo(f"warning: {line}", err=True)


def _settings_or_exit(*, warn: bool = True) -> Settings:
    if warn:
        _warn_of_unknown_variables()
    try:
        settings = load(os.environ)
        load_catalogue(settings)
    except SettingsError as error:
        _exit(str(error), _BAD_CONFIGURATION)
    return settings


def _check_store(store: SqliteStore) -> None:
    """Exit if the store can never be written to, or is to be left alone."""
    if refusal := store.refusal(is_ours=_was_used(store.path)):
        _exit(f"store.url: {refusal}", _BAD_CONFIGURATION)


def _was_used(path: Path) -> bool:
    """Return whether a collector ever used this file: then its lock is beside it."""
    return lock_path(path).exists()


def _use_demo_store(bind: str) -> None:
    """Configure an empty store for this port, so that sample data and real data are never mixed."""
    port = bind.rpartition(":")[2]
    path = _settings_or_exit(warn=False).store.path.with_name(f"demo-{port}.sqlite3")
    _check_store(SqliteStore(path))
    for stale in path.parent.glob(f"{path.name}*"):
        stale.unlink()
    os.environ["PORTAL_WIDGETS_STORE__URL"] = f"sqlite://{path}"


def _hold_lock(settings: Settings, inherited: int | None, *, wait: bool) -> int:
    """Hold the lock for as long as this process lives; it may be inherited already. Return its descriptor."""
    if inherited is not None:
        os.set_inheritable(inherited, False)
        return inherited
    has_said = False
    while (descriptor := acquire_lock(lock_path(settings.store.path))) is None:
        if not wait:
            click.echo("another collector holds the lock", err=True)
            sys.exit(_LOCKED)
        if not has_said:
            click.echo("another collector holds the lock; waiting", err=True)
        has_said = True
        time.sleep(_LOCK_RETRY)
    return descriptor


def _set_aside_if_damaged(settings: Settings) -> None:
    store = open_store(settings)
    if aside := store.set_aside_if_damaged(utc_now()):
        _report_aside(aside)
    store.damage_mark.unlink(missing_ok=True)


def _set_aside(store: SqliteStore) -> None:
    """Set the store aside unchecked: a part that ended found it damaged."""
    _report_aside(store.set_aside(utc_now()))
    store.damage_mark.unlink(missing_ok=True)


def _report_aside(aside: Path) -> None:
    click.echo(f"store.url: the damaged file was moved to {aside}; a new one was begun", err=True)


def _supervise(settings: Settings, lock: int) -> int:
    """Run a process for each part until a signal arrives."""
    store = open_store(settings)
    with suppress(StoreError):
        store.last_write()  # from now on a file that was cut to nothing is no new one
    store.close()
    watch = DamageWatch(store, time.monotonic)
    parts = (_SHARING, *_PARTS) if settings.store.share is not None else _PARTS
    holds_lock = partial(still_holds, lock_path(store.path), [lock])
    return Supervisor(parts, part_command, lambda: _set_aside(store), watch.found_damage, holds_lock).run()


def _collect_once(settings: Settings, *, forced: bool) -> int:
    from service.bootstrap_collect import make_article_collector, make_weather_collector, with_demo  # noqa: PLC0415 - it imports the collecting half
    from service.collector.loop import StopSignal  # noqa: PLC0415 - likewise
    from service.collector.sandbox import Sandbox  # noqa: PLC0415 - likewise

    stop = StopSignal()
    stop.install()
    with ExitStack() as resources:
        settings = with_demo(settings, resources)
        store, sandbox = open_store(settings), resources.enter_context(Sandbox())
        shared = share_counters(store)
        resources.callback(shared.save)
        counters = shared.counters
        counters.collector_seen.set(utc_now().timestamp())
        progress = Progress(sys.stderr, log.info)
        resources.enter_context(progress.among_logs())

        def asked() -> str:
            return f"requests: {counters.upstream_requests.total()}"

        with progress.lasting("collecting weather", asked):
            weather = make_weather_collector(settings, stop.wait, store=store, counters=counters).run(
                forced=forced
            )
        with progress.lasting("collecting articles", asked):
            articles = make_article_collector(settings, stop.wait, store, sandbox, counters).run(
                forced=forced
            )
    log.info(
        "done: weather %d requests, %d failed; articles %d sources, %d failed",
        weather.requested,
        weather.failed,
        articles.requested,
        articles.failed,
    )
    return _FAILED if weather.failed + articles.failed else 0


def _collect_part(settings: Settings, part: str, heartbeat: int | None) -> NoReturn:
    """Run one part until the supervisor ends it; the lock is the supervisor's."""
    from service.bootstrap_collect import PARTS, with_demo, with_part_of_budgets  # noqa: PLC0415 - it imports the collecting half
    from service.collector.loop import NothingToDoError, Part, StopSignal, exit_now, run_loop  # noqa: PLC0415 - likewise

    store = open_store(settings)
    shared = share_counters(store)
    is_sharing = settings.store.share is not None
    permission = Permission(PermitFile(store.path)) if is_sharing and part != _SHARING else None

    def end_unless_permitted(_url: str = "") -> None:
        if permission is not None and not permission.lasts():
            shared.save()
            exit_now(NOT_PERMITTED)

    def show_life() -> None:
        shared.counters.collector_seen.set(utc_now().timestamp())
        end_unless_permitted()

    stop = StopSignal(heartbeat, show_life)
    stop.install()
    threading.Thread(target=shared.run, args=(threading.Event(),), name="metrics", daemon=True).start()
    with ExitStack() as resources:
        running: Part
        if part == _SHARING:
            from service.bootstrap_share import SharingPart  # noqa: PLC0415 - it imports the client of Valkey

            running = SharingPart(settings, store)
        else:
            if permission is not None:
                settings = with_part_of_budgets(settings, permission.begin(stop.wait).hosts)
            settings = with_demo(settings, resources)
            running = PARTS[part](
                settings, stop.wait, store, resources, shared.counters, end_unless_permitted
            )

        def end_if_damaged() -> None:
            with suppress(StoreError):  # it cannot be checked now, and is tried again
                if store.is_damaged():
                    shared.save()
                    exit_now(STORE_DAMAGED)

        try:
            run_loop(running, stop, utc_now, end_if_damaged)
            status = 0
        except NothingToDoError:
            status = NOTHING_TO_DO
        except StoreRefusedError as error:  # a newer version migrated the store: its collector gets the lock
            click.echo(f"store.url: {error}", err=True)
            status = _BAD_CONFIGURATION
        running.close()
        shared.save()
        exit_now(status)
