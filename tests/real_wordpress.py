"""Debian's WordPress over a MariaDB of its own, with everything in one folder.

MariaDB listens on a socket there, PHP's own server on 127.0.0.1; both are child processes. WordPress asks
nobody but what it embeds.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from running_service import a_free_port, until

HOME = Path("/usr/share/wordpress")
THEMES = ("twentytwentythree", "twentytwentyone")  # one of blocks, one of templates
PACKAGES = (
    f"wordpress {' '.join(f'wordpress-theme-{name}' for name in THEMES)} mariadb-server php-cli php-mysql"
)
MISSING = f"apt-get install --no-install-recommends {PACKAGES} openssl"
USER, PASSWORD = "quan-tri", "a-password-for-this-drill"
_COMMANDS = ("mariadbd", "mariadb-install-db", "mariadb", "php", "openssl")
_PATIENCE = 60  # seconds

_CONFIGURATION = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
"""
# WordPress embeds nothing from private addresses, unusual ports and certificates that nobody knows, which is
# right: here one service is let through. On many sites a plugin brings back the classic editor. Pictures of
# people and smileys are elsewhere.
_LET_THROUGH = """<?php
add_filter('http_request_host_is_external', fn ($is, $host) => $is || $host === '127.0.0.1', 10, 2);
add_filter('http_allowed_safe_ports', fn ($ports) => [...$ports, {port}]);
add_filter('https_ssl_verify', '__return_false');
add_filter('use_block_editor_for_post', fn ($is) => $is && !isset($_GET['classic']));
add_filter('emoji_svg_url', '__return_false');
add_filter('get_avatar', '__return_empty_string');
remove_action('wp_head', 'print_emoji_detection_script', 7);
remove_action('admin_print_scripts', 'print_emoji_detection_script');
"""
_INSTALL = """<?php
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = 'localhost:{port}';
require '{folder}/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification() {{}}
wp_install('Cổng thông tin', '{user}', 'editor@example.gov.vn', false, '', '{password}');
update_option('siteurl', 'http://localhost:{port}');
update_option('home', 'http://localhost:{port}');
"""
_PUT = """<?php
require '{folder}/wp-load.php';
switch_theme('{theme}');
$new = ['user_login' => '{role}', 'user_pass' => '', 'role' => '{role}'];
wp_set_current_user(username_exists('{role}') ?: wp_insert_user($new));
$post = ['post_title' => 'Bài viết', 'post_status' => 'publish', 'post_content' => wp_slash({content})];
echo wp_insert_post($post);
"""


class WordPress:
    """A site under way."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.url = folder, f"http://localhost:{port}"

    def put(self, content: str, theme: str = THEMES[0], role: str = "editor") -> str:
        """The address of a new post, whose content WordPress keeps as it does for somebody of this role."""
        quoted = "'" + content.replace("\\", "\\\\").replace("'", "\\'") + "'"
        code = _PUT.format(folder=self._folder, theme=theme, role=role, content=quoted)
        return f"{self.url}/?p={int(run_php(code))}"


def is_there() -> bool:
    """Whether everything is installed."""
    themes = all((HOME / "wp-content/themes" / theme).is_dir() for theme in THEMES)
    return themes and all(map(shutil.which, _COMMANDS))


def run_php(code: str) -> str:
    """What this program prints."""
    done = subprocess.run(["php"], input=code, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def wordpress(folder: Path, embeds_port: int) -> Iterator[WordPress]:
    """A WordPress that embeds what is served at this port of 127.0.0.1, under the name `localhost`."""
    site, port = folder / "site", a_free_port()
    shutil.copytree(HOME, site)
    socket = folder / "mariadb.sock"
    (site / "wp-config.php").write_text(_CONFIGURATION.format(socket=socket))
    plugins = site / "wp-content/mu-plugins"
    plugins.mkdir()
    (plugins / "let-through.php").write_text(_LET_THROUGH.replace("{port}", str(embeds_port)))
    with _mariadb(folder, socket):
        run_php(_INSTALL.format(folder=site, port=port, user=USER, password=PASSWORD))
        serve = ["php", "-d", "log_errors=1", "-S", f"127.0.0.1:{port}", "-t", str(site)]
        with _child(serve, folder / "php.log", {"PHP_CLI_SERVER_WORKERS": "4"}) as log:
            until(lambda: "started" in log.read_text(), _PATIENCE, log.read_text)
            yield WordPress(site, port)


def certificate(folder: Path) -> SSLContext:
    """TLS for 127.0.0.1 that nobody but this drill believes."""
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*make, *named, *files], check=True, capture_output=True)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@contextmanager
def _mariadb(folder: Path, socket: Path) -> Iterator[None]:
    data = folder / "data"
    own = ["--no-defaults", f"--datadir={data}", "--user=root"]
    install = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    serve = ["mariadbd", *own, "--skip-networking", f"--socket={socket}", f"--pid-file={folder}/pid"]
    with _child(serve, folder / "mariadb.log") as log:
        until(lambda: "ready for connections" in log.read_text(), _PATIENCE, log.read_text)
        create = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
        subprocess.run([*create, "--execute=CREATE DATABASE wordpress"], check=True)
        yield


@contextmanager
def _child(command: Sequence[str], log: Path, environment: Mapping[str, str] = {}) -> Iterator[Path]:
    """The log of a process that ends with the block, and its own children with it."""
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, stdout=file, stderr=file, env={**os.environ, **environment}, start_new_session=True
        ) as process,
    ):
        try:
            yield log
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # PHP's workers outlive it
            process.wait(_PATIENCE)
