"""The `restore` command: what is there now that no backup may take away."""

from pathlib import Path

from service.articles.store.sqlite import SqliteArticleRepository
from service.storage import backup
from service.storage.store import SqliteStore
from service.weather.records import PROVIDERS_KEY, quota_key


def restore(store: SqliteStore, file: Path) -> tuple[backup.Content, Path | None]:
    """Take everything of a backup into the store; return what that is, and the copy of what was there.

    What was taken down since the backup stays so, and what was spent of the providers' quotas stays spent.

    Raises:
        BackupError: when the file is no backup or of a newer version, or the store cannot be written.
    """
    return backup.restore(store, file, _carry_over)


def _carry_over(live: SqliteStore, copy: SqliteStore) -> None:
    repository = SqliteArticleRepository(live)
    SqliteArticleRepository(copy).unite_takedowns(repository.takedowns(), repository.ids())
    copy.write(live.read([PROVIDERS_KEY, *live.keys(quota_key(""))]))
