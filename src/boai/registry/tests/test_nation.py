"""The same pairs with the same weights on Spark as on DuckDB. Runs where the extra `spark` and a Java runtime are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from typing import Any

import pytest

from boai.registry.linkage.engine import Linkage
from boai.registry.tests.test_linkage import FACTS, table

pytestmark = pytest.mark.skipif(
    find_spec("pyspark") is None or shutil.which("java") is None,
    reason="NO SPARK: the comparison on Spark was not run (pip install pyspark; apt install default-jre-headless)",
)
CHANGES: tuple[dict[str, Any], ...] = (
    {}, {"name": "章伟强"}, {"name": "张强伟"}, {"born": date(1956, 4, 3)}, {"born": date(1956, 4, 14)}, {"sex": "f"},
    {"household": "h2", "village": "621121102208"}, {"phone": None, "name": "张伟东"}, {"name": "李小红", "number": "n1"},
)  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    made = (
        SparkSession.builder.master("local[2]").appName("boai-test").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1").getOrCreate()
    )  # fmt: skip
    yield made
    made.stop()


def test_spark_finds_what_duckdb_finds(session: Any) -> None:
    from boai.registry.linkage.nation import pairs_on_spark

    connection = table([FACTS | change for change in CHANGES])
    rows = connection.execute("SELECT * FROM people").fetchall()
    people = session.createDataFrame(rows, _schema())
    here = list(Linkage(connection).pairs(least=-20))
    there = list(pairs_on_spark(session=session, people=people, least=-20))
    assert len(here) > 10
    assert [(p.left, p.right) for p in here] == [(p.left, p.right) for p in there]
    for one, other in zip(here, there, strict=True):
        assert one.weight == pytest.approx(other.weight, abs=1e-6)
        assert one.parts == other.parts


def _schema() -> str:
    from boai.registry.linkage.model import COLUMNS

    kinds = {"id": "bigint", "born": "date", "lunar": "date", "fresh": "boolean"}
    return ", ".join(f"{column} {kinds.get(column, 'string')}" for column in COLUMNS)
