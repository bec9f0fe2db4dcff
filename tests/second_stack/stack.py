"""Starts PostgreSQL, the server on Node and nginx, each in a folder or on a port of its own, on loopback."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.second_stack.data import OTHER_KEY, OWN_KEY, Shape, tables
from tests.support.nginx import BINARY as NGINX
from tests.support.nginx import TIMEOUT, Front, Nginx, free_port, wait_until_listening

SERVER = Path(__file__).parent / "server"
DATABASE = "clinicians"


def _postgresql() -> Path | None:
    """Return the folder of PostgreSQL's programs. Debian does not put them on PATH."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    found = shutil.which(
        "initdb", path=os.pathsep.join([*map(str, folders[::-1]), os.environ["PATH"]])
    )
    return Path(found).parent if found else None


POSTGRESQL = _postgresql()
NODE = shutil.which("node")


def absent() -> list[str]:
    """Return what has to be installed, with how to install it."""
    parts = {
        "PostgreSQL (on Debian: postgresql)": POSTGRESQL,
        "nginx (on Debian: nginx-light)": NGINX,
        "Node (make second-stack installs it)": NODE,
        "the server's packages (make second-stack installs them)": (
            SERVER / "node_modules/.package-lock.json"
        ).exists(),
    }
    return [name for name, found in parts.items() if not found]


def _as_other_user() -> list[str]:
    """Return the command that starts a program as another user than root, which PostgreSQL refuses."""
    if os.getuid():
        return []
    user = pwd.getpwnam(_user())
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL with a database of clinicians; ``variables`` are those that clients of it read."""

    port: int
    owner_password: str
    variables: dict[str, str]


@contextmanager
def cluster(shape: Shape, search_config: str) -> Iterator[Cluster]:
    """Run PostgreSQL on loopback with the data of a shape, in a folder that is removed afterwards."""
    assert POSTGRESQL is not None
    folder = Path(tempfile.mkdtemp(prefix="second-stack-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, _user())
        with _running(folder, POSTGRESQL) as running:
            _fill(running, shape, search_config)
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path, programs: Path) -> Iterator[Cluster]:
    password, app_password, port = secrets.token_hex(16), secrets.token_hex(16), free_port()
    given = folder / "password"
    given.write_text(password)
    given.chmod(0o644)  # within a folder that only its owner can enter
    data = folder / "data"
    create: list[str | Path] = [programs / "initdb", "-D", data, "-U", "owner", "-N"]
    create += ["-A", "scram-sha-256", f"--pwfile={given}", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*_as_other_user(), *create], check=True, stdout=subprocess.PIPE, cwd=folder)
    log = folder / "log"
    with log.open("wb") as out:
        options = ["-p", f"{port}", "-h", "127.0.0.1", "-k", "", "-F", "-c", "max_connections=20"]
        process = subprocess.Popen(
            [*_as_other_user(), programs / "postgres", "-D", data, *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        wait_until_listening("127.0.0.1", port, process, lambda: log.read_text("utf-8", "replace"))
        names = {"PGHOST": "127.0.0.1", "PGPORT": f"{port}", "PGDATABASE": DATABASE}
        app = {"PGUSER": "clinicians_app", "PGPASSWORD": app_password}
        yield Cluster(port, password, names | app)
    finally:
        process.send_signal(signal.SIGINT)  # which ends the sessions of clients too
        process.wait(TIMEOUT)


def _fill(running: Cluster, shape: Shape, search_config: str) -> None:
    assert POSTGRESQL is not None
    owner = {"PGUSER": "owner", "PGPASSWORD": running.owner_password, "PGCLIENTENCODING": "UTF8"}
    client: list[str | Path] = [POSTGRESQL / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]

    def psql(database: str, script: str, *options: str) -> None:
        subprocess.run(
            [*client, *options, "-d", database, "-f", "-"],
            input=script.encode(),
            env=os.environ | running.variables | owner,
            check=True,
        )

    # The server that has just begun to listen may still be starting.
    ready = POSTGRESQL / "pg_isready"
    wait: list[str | Path] = [
        ready,
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        f"{running.port}",
        "-d",
        "postgres",
    ]
    for _ in range(50):
        if subprocess.run(wait, check=False).returncode == 0:
            break
        time.sleep(0.1)
    psql("postgres", f"CREATE DATABASE {DATABASE}")
    password = running.variables["PGPASSWORD"]
    names = ("-v", f"search_config={search_config}", "-v", f"app_password={password}")
    psql(DATABASE, (SERVER / "schema.sql").read_text("utf-8"), *names)
    psql(DATABASE, "\n".join([*tables(shape).script(), "ANALYZE;"]))


CACHE = "proxy_cache_path $folder/cache keys_zone=profiles:1m;"
SHARED = (
    "proxy_cache profiles; proxy_cache_valid 200 1m; proxy_cache_key $request_method$request_uri;"
)


@contextmanager
def stack(
    running: Cluster, folder: Path, fault: str = "", **variables: str
) -> Iterator[dict[str, str]]:
    """Serve the database of a cluster; yield the variables that name the target and its keys.

    :param fault: one of :data:`tests.second_stack.faults.FAULTS`, or empty.
    """
    assert NODE is not None
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    given = {"PORT": f"{port}", "STACK_FAULT": fault, "NODE_ENV": "production"}
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [NODE, SERVER / "server.js"],
            env={"PATH": os.environ["PATH"]} | running.variables | given | variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_listening("127.0.0.1", port, process, lambda: log.read_text("utf-8", "replace"))
        with Nginx(_front(port, fault), folder / "nginx") as nginx:
            yield {
                "CONFORMANCE_BASE_URL": f"http://{nginx.authority}/api-v1",
                "CONFORMANCE_API_KEY": OWN_KEY,
                "CONFORMANCE_OTHER_API_KEY": OTHER_KEY,
            }
    finally:
        process.kill()  # a fault may keep it from ending by itself
        process.wait(TIMEOUT)


def _front(port: int, fault: str) -> Front:
    """Return what nginx does: connections to the server are kept, and responses are compressed."""
    upstream = f"upstream clinicians {{ server 127.0.0.1:{port}; keepalive 8; }}"
    compressed = "gzip on; gzip_types application/json;"
    cached = SHARED if fault == "cache-ignores-key" else ""
    location = (
        "location / { proxy_pass http://clinicians; proxy_http_version 1.1; "
        'proxy_set_header Connection ""; proxy_set_header Host $host; '
        f"proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; {cached} }}"
    )
    return Front(location, http=f"{CACHE if cached else ''} {upstream} {compressed}")
