"""The Dockerfile's steps, carried out in roots of Debian without any Docker, and what they make, running.

debootstrap's Debian with a Python of its own in /usr/local stands for the base image, which has the same
layout. A step runs in a root of its own without a network; what pip installs was fetched before, by the
rules of `requirements.txt` and `pyproject.toml`. The finished image runs as `deploy/compose.yaml` says: a
root that nobody can write to, one volume, no capability, no way to get one.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from dockerfile import ROOT, Step, stages

MISSING = "apt-get install debootstrap"
PYTHON = "3.11"  # Debian bookworm's, and the base image's
_TOOLS = ("debootstrap", "unshare", "nsenter", "setpriv")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_USUAL_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_NAMESPACES = ("unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child")
# $1 is the root: what the kernel provides is mounted where a container has it.
_MOUNTS = f"""
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=755 dev "$1/dev"
for device in {" ".join(_DEVICES)}; do
    touch "$1/dev/$device"
    mount --bind "/dev/$device" "$1/dev/$device"
done
mkdir "$1/dev/shm"; mount -t tmpfs -o mode=1777 shm "$1/dev/shm"
"""
_BUILD = _MOUNTS + 'root=$1; shift; exec chroot "$root" /usr/bin/env -i "$@"'
_LOOPBACK = """
import fcntl, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
"""
# $2 is the volume, $3 where it is mounted, $4 the user and $5 the group. The service replaces the shell, so
# that it is process 1 and gets the signals.
_RUN = (
    _MOUNTS
    + f"""
mount --bind "$2" "$1$3"
mount -o remount,bind,ro "$1"
{shlex.quote(sys.executable)} -c {shlex.quote(_LOOPBACK)}
root=$1 user=$4 group=$5; shift 5
exec chroot "$root" /usr/bin/setpriv --reuid "$user" --regid "$group" --clear-groups \
    --bounding-set=-all --inh-caps=-all --no-new-privs /usr/bin/env -i "$@"
"""
)


def is_possible() -> bool:
    """Whether this is root's machine, and has the tools."""
    return os.geteuid() == 0 and all(map(shutil.which, _TOOLS))


@dataclass
class Image:
    """A root, and what the steps said of how to run it."""

    path: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _USUAL_PATH})
    workdir: str = "/"
    said: dict[str, str] = field(default_factory=dict)  # CMD, ENTRYPOINT, USER, VOLUME, …

    def carry_out(self, word: str, rest: str, others: Mapping[str, Path]) -> None:
        """Take one step; `others` are the roots of the stages before, by name."""
        if word == "ENV":
            for setting in shlex.split(rest):
                name, _, value = setting.partition("=")
                self.environment[name] = Template(value).safe_substitute(self.environment)
        elif word == "WORKDIR":
            self.workdir = rest
            self._inside(rest).mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            self._copy(rest.split(), others)
        elif word == "RUN":
            self.run(json.loads(rest) if rest.startswith("[") else ["/bin/sh", "-c", rest])
        else:
            self.said[word] = rest

    def run(self, command: Sequence[str], **environment: str) -> str:
        """Run this as root, where the steps are carried out, and return what it prints."""
        inner = settings({**self.environment, **environment})
        done = subprocess.run(
            [*_NAMESPACES, "sh", "-euc", _BUILD, "build", self.path, "-C", self.workdir, *inner, *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def _inside(self, path: str) -> Path:
        return self.path / str(Path(self.workdir, path)).lstrip("/")

    def _copy(self, words: list[str], others: Mapping[str, Path]) -> None:
        *sources, target = words
        context = ROOT
        if sources[0].startswith("--from="):
            context = others[sources.pop(0).removeprefix("--from=")]
        into = self._inside(target)
        for source in sources:
            found = context / source.lstrip("/")
            if found.is_dir():
                compiled = shutil.ignore_patterns("__pycache__") if context == ROOT else None
                shutil.copytree(found, into, symlinks=True, ignore=compiled, dirs_exist_ok=True)
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, into)


def settings(environment: Mapping[str, str]) -> list[str]:
    """Return these as arguments of env."""
    return [f"{name}={value}" for name, value in environment.items()]


def base_root(folder: Path) -> Path:
    """Make what stands for the base image: Debian, and a Python with pip in /usr/local."""
    packages = "python3,python3-venv,ca-certificates"
    command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", folder]
    clean = {"PATH": _USUAL_PATH}  # the packages' own scripts start the Python inside
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
    Image(folder).run([f"/usr/bin/python{PYTHON}", "-m", "venv", "/usr/local"])
    return folder


def fetch_wheels(folder: Path) -> None:
    """Fetch what the steps install, as pip outside is set up to, for a machine without network."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    for wanted in (["-r", str(ROOT / "requirements.txt")], build):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
        version = ["--python-version", PYTHON, "--dest", str(folder)]
        done = subprocess.run([*command, *version, *wanted], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def build(base: Path, folder: Path) -> Image:
    """Carry out all stages, and return the last."""
    wheels = folder / "wheels"
    fetch_wheels(wheels)
    made: dict[str, Path] = {}
    image = Image(base)
    for number, stage in enumerate(stages()):
        image = Image(folder / f"stage-{number}")
        subprocess.run(["cp", "-a", base, image.path], check=True)
        _carry_out(image, stage, wheels, made)
        name = re.search(r" AS (\w+)$", stage[0][1])
        made[name[1] if name else str(number)] = image.path
    return image


def _carry_out(image: Image, stage: Sequence[Step], wheels: Path, others: Mapping[str, Path]) -> None:
    """Take the steps, with the wheels where pip looks for them; in the end nothing is left of that."""
    inside, configuration = image.path / "wheels", image.path / "etc/pip.conf"
    shutil.copytree(wheels, inside)
    configuration.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    for word, rest in stage[1:]:
        image.carry_out(word, rest, others)
    shutil.rmtree(inside)
    configuration.unlink()


@dataclass
class Container:
    """The image under way."""

    image: Image
    volume: Path
    pid: int  # of its first process, out here
    process: subprocess.Popen[bytes]

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run this beside the service, as its user."""
        user, _, group = self.image.said["USER"].partition(":")
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--ipc", "--root", "--wd"]
        drop = ["/usr/bin/setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs"]
        inner = ["/usr/bin/env", "-i", *settings(self.image.environment), *command]
        return subprocess.run([*enter, *drop, *inner], capture_output=True, text=True, check=False)

    def end(self, seconds: float) -> int:
        """Send the signal that the image names, and return how the service ended."""
        os.kill(self.pid, signal.Signals[self.image.said["STOPSIGNAL"]])
        return self.process.wait(seconds)


@contextmanager
def container(image: Image, folder: Path, log: Path, **environment: str) -> Iterator[Container]:
    """The image's command under way, as deploy/compose.yaml lets it run."""
    where = image.said["VOLUME"]
    user, _, group = image.said["USER"].partition(":")
    volume = folder / "volume"  # a new volume begins as the folder of the image
    subprocess.run(["cp", "-a", f"{image.path}{where}", volume], check=True)
    command = [*json.loads(image.said["ENTRYPOINT"]), *json.loads(image.said["CMD"])]
    inner = ["-C", image.workdir, *settings({**image.environment, **environment}), *command]
    start = [*_NAMESPACES, "sh", "-euc", _RUN, "run", image.path, volume, where, user, group, *inner]
    with log.open("wb") as file, subprocess.Popen(start, stdout=file, stderr=file) as process:
        try:
            yield Container(image, volume, _first_child(process.pid), process)
        finally:
            process.kill()  # --kill-child ends all that is inside


def _first_child(pid: int) -> int:
    while True:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
