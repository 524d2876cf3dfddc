"""The same comparison on Spark: for a cell of the nation that is larger than one machine.

The scheme, the weights and the thresholds are those of `engine`; only the machine differs. Spark comes with the
optional extra `spark` (pyspark, which needs a Java runtime); nothing else of Boai imports this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from splink import Linker
from splink.backends.spark import SparkAPI

from boai.registry.linkage.engine import Pair, Reading
from boai.registry.linkage.model import FEW, REGISTER, Scheme, Weights


def pairs_on_spark(
    *, session: Any, people: Any, least: float, weights: Weights | None = None, scheme: Scheme = REGISTER
) -> Iterator[Pair]:
    """Every pair of at least this weight among a Spark data frame of people (columns as in model.COLUMNS), the heaviest
    first. `session` is the SparkSession; weights as learnt by `engine.Linkage.train`, else the base weights."""
    rows = people.count()
    # Persisted in memory, not checkpointed to a disk; none of our levels needs Splink's Java functions.
    api = SparkAPI(  # type: ignore[no-untyped-call]  # typed only where pyspark is installed
        spark_session=session, break_lineage_method="persist", register_udfs_automatically=False
    )
    linker = Linker(api.register(people), scheme.settings(weights, rows=rows), log_level=None)
    found = linker.inference.predict(threshold_match_weight=least)
    reading = Reading(scheme, frequencies=rows >= FEW)
    for row in session.sql(reading.query(found.physical_name)).toLocalIterator():
        yield reading.pair(tuple(row))
