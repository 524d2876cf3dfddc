"""Any management command, against the running or a just-started embedded cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from boai.launcher.cluster import Cluster
from boai.launcher.django_host import boot
from boai.launcher.environment import embedded_urls, external_url, keys, urls_for
from boai.launcher.paths import VAR

WITHOUT_DATABASE = {"makemigrations", "help", "version", "--version", "check", "diffsettings", "findstatic"}
AS_OWNER = {"migrate", "showmigrations", "sqlmigrate", "dbshell", "dumpdata", "optimizemigration", "squashmigrations"}


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
    """Run one Django management command."""
    from django.core.management import execute_from_command_line

    if words[0] in WITHOUT_DATABASE:
        boot(keys() | {"BOAI_TESTING": "1"})
        execute_from_command_line(["boai", *words])
        return 0
    with database_environment() as environment:
        boot(_address() | environment)
        extra = ["--database", "owner"] if words[0] in AS_OWNER and "--database" not in words else []
        execute_from_command_line(["boai", *words, *extra])
    return 0


def _address() -> dict[str, str]:
    """Links that a command prints lead to where `./boai up` last answered, unless BOAI_PUBLIC_URL says otherwise."""
    kept = VAR / "address"
    return {} if "BOAI_PUBLIC_URL" in os.environ or not kept.exists() else {"BOAI_PUBLIC_URL": kept.read_text()}
