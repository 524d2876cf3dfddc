"""`./boai reset --yes`: throw the demo away and begin anew. Refuses an installation that is not a demo."""

from __future__ import annotations

import psycopg

from boai.launcher import demonstration
from boai.launcher.failures import LaunchError
from boai.launcher.manage import database_environment


def reset(words: list[str]) -> int:
    """Drop everything in the demo's database and its files; the next `./boai up` plays the demo from the start."""
    if words != ["--yes"]:
        raise LaunchError(
            "这会删除全部演示数据。确认请运行：./boai reset --yes / "
            "This deletes the whole demo. To confirm: ./boai reset --yes"
        )
    with (
        database_environment() as environment,
        psycopg.connect(environment["BOAI_OWNER_DATABASE_URL"], autocommit=True) as connection,
    ):
        if demonstration.marked(connection) not in (demonstration.PLAYED, demonstration.PLAYING):
            raise LaunchError("这里不是演示数据，不会删除。 / This installation is not a demo; nothing was deleted.")
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename IN ('boai_app', 'boai_log')"
        ).fetchone()
        if others and others[0]:
            raise LaunchError("博爱正在运行，请先按 Ctrl-C 停止再重置。 / Boai is running. Stop it with Ctrl-C first.")
        demonstration.sweep(connection)
    print("演示数据已清空，运行 ./boai up 重新开始。 / The demo is gone; ./boai up begins it anew.")
    return 0
