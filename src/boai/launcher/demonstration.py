"""Is this installation a demo? A mark in the database says so, from before the first line is played.

The mark is the comment on the schema: it goes with everything else when the schema is dropped, and a backup carries it.
What a database already holds decides, not the command line: the demo never comes into an installation with people of
its own, and a demo, whose passwords are known to everybody, is never run as if it were none.
"""

from __future__ import annotations

import shutil

import psycopg
from psycopg import sql

from boai.launcher.paths import VAR

PLAYING, PLAYED = "boai demo, being played", "boai demo"


def settle(url: str, *, wished: bool) -> bool:
    """Shall this installation be a demo? Sweeps away one whose playing was cut short. `url` is the owner's."""
    with psycopg.connect(url, autocommit=True) as connection:
        mark = marked(connection)
        if mark == PLAYED:
            if not wished:
                print(
                    "这里装的是演示数据，--no-demo 不起作用；要换成空库请先运行 ./boai reset --yes / "
                    "This is a demo; --no-demo changes nothing. For an empty installation run ./boai reset --yes first",
                    flush=True,
                )
            return True
        if mark == PLAYING:
            print("上次演示数据没有装完，清空重来… / The demo was cut short; beginning it anew…", flush=True)
            sweep(connection)
        elif wished and inhabited(connection):
            print("这里已有单位或人员，不装演示数据。 / There are branches or people here: no demo.", flush=True)
            return False
    return wished


def marked(connection: psycopg.Connection) -> str:
    """PLAYING, PLAYED, or something else for an installation that is no demo."""
    row = connection.execute("SELECT obj_description(to_regnamespace('public'), 'pg_namespace')").fetchone()
    return str(row[0] or "") if row else ""


def mark(url: str, word: str) -> None:
    """Write down how far the demo is."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(word)))


def is_played(url: str) -> bool:
    """Has the demo been played to its end?"""
    with psycopg.connect(url) as connection:
        return marked(connection) == PLAYED


def inhabited(connection: psycopg.Connection) -> bool:
    """Are there branches or people already?"""
    return any(
        connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)
        and connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
        for table in ("people_branch", "people_user")
    )


def without_people(url: str) -> bool:
    """Nobody can sign in yet."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1 FROM people_user LIMIT 1").fetchone() is None


def sweep(connection: psycopg.Connection) -> None:
    """Drop everything that the database holds, and the demo's files under var/."""
    owner = sql.Identifier(connection.info.user)
    connection.execute("DROP SCHEMA public CASCADE")
    connection.execute(sql.SQL("CREATE SCHEMA public AUTHORIZATION {}").format(owner))
    shutil.rmtree(VAR / "files", ignore_errors=True)
