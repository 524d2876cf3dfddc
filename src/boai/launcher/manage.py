"""Any management command, against the running or a just-started embedded cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from boai.launcher.cluster import Cluster
from boai.launcher.django_host import boot
from boai.launcher.environment import embedded_urls, external_url, keys, open_roles, urls_for
from boai.launcher.failures import LaunchError
from boai.launcher.paths import VAR

WITHOUT_DATABASE = {"makemigrations", "help", "version", "--version", "check", "diffsettings", "findstatic"}
AS_OWNER = {"migrate", "showmigrations", "sqlmigrate", "dbshell", "dumpdata", "optimizemigration", "squashmigrations"}

NOT_YET = (
    "数据库还没有建好。请先运行一次 ./boai up，等它说“博爱已就绪”，再运行这条命令。 / "
    "There is no database yet. Run ./boai up once; when it says “Boai is ready”, run this command again."
)


def home_cluster() -> Cluster:
    """The embedded cluster of this checkout."""
    return Cluster((VAR / "pg").resolve(), keys()["BOAI_PG_PASSWORD"])


@contextmanager
def database_environment() -> Iterator[dict[str, str]]:
    """The environment with a live database: DATABASE_URL's, or the embedded one (stopped again if we started it)."""
    secrets = keys()
    url = external_url()
    if url:
        yield secrets | urls_for(url, secrets["BOAI_SECRET_KEY"])
        return
    cluster = home_cluster()
    process = cluster.start()
    try:
        yield secrets | embedded_urls(cluster, secrets["BOAI_SECRET_KEY"])
    finally:
        if process is not None:
            cluster.stop(process)


def manage(words: list[str]) -> int:
    """Run one Django management command. Raises LaunchError where `./boai up` has never made the tables."""
    from django.core.management import execute_from_command_line

    if words[0] in WITHOUT_DATABASE:
        boot(keys() | {"BOAI_TESTING": "1"})
        execute_from_command_line(["boai", *words])
        return 0
    if words[0] not in AS_OWNER:
        _require_cluster()
    with database_environment() as environment:
        if words[0] not in AS_OWNER:
            _require_tables(environment)
        boot(_address() | environment)
        extra = ["--database", "owner"] if words[0] in AS_OWNER and "--database" not in words else []
        execute_from_command_line(["boai", *words, *extra])
    return 0


def _require_cluster() -> None:
    """Not even the embedded database is there: don't make one only to find it empty."""
    if not os.environ.get("DATABASE_URL") and not (VAR / "pg" / "PG_VERSION").exists():
        raise LaunchError(NOT_YET)


def _require_tables(environment: dict[str, str]) -> None:
    """The tables are made, and the roles that work on them can sign in."""
    with psycopg.connect(environment["BOAI_OWNER_DATABASE_URL"]) as connection:
        made = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    if made != (True,):
        raise LaunchError(NOT_YET)
    open_roles(environment)


def _address() -> dict[str, str]:
    """Links that a command prints lead to where `./boai up` last answered, unless BOAI_PUBLIC_URL says otherwise."""
    kept = VAR / "address"
    return {} if "BOAI_PUBLIC_URL" in os.environ or not kept.exists() else {"BOAI_PUBLIC_URL": kept.read_text()}
