"""The same person twice: registers as offices keep them, held against their truth, and FEBRL as a neutral yardstick.

Ours goes the whole way of a file (upload, staging, comparison, pairs); plain Splink gets the same rows, already cleaned
by our readers, with library comparisons and its guide's way of training. Both are timed on the comparison alone.
`pairs_compared` is what the blocking rules of either let through to be scored, counted exactly and outside the timing;
`by_fault` tells recall and precision for each kind of fault that the truth beside the register names.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import splink.comparison_library as library
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_analysis import count_comparisons_from_blocking_rules
from splink.blocking_rule_library import CustomRule

from bench import _febrl
from bench._faults import Truth, rates
from bench._watch import Watch
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped
from boai.launcher.paths import ROOT
from boai.people.actor import Actor
from boai.regions.services import divisions_load_subset
from boai.registry import queries, services
from boai.registry.linkage.model import REGISTER, equal
from boai.registry.models import Intake
from boai.registry.services import comparing
from boai.rulebook.services import defaults_load

HOUSEHOLDS = 20_000
SEEDS = (11, 12)
TOOLS = ROOT / "tests" / "judge"
COUNTIES = ("430121", "520624", "522622", "621121")
PLAIN_BLOCKS = ("number", "name born", "phone sex", "name village", "born village", "account")


def run() -> dict[str, Any]:
    """Worst precision, recall and asked pairs over the seeds; F1 and seconds of both; FEBRL 3 and 4."""
    figures: dict[str, Any] = {}
    with scoped(EVERYWHERE), tempfile.TemporaryDirectory() as folder:
        divisions_load_subset(counties=list(COUNTIES))
        defaults_load(at=now())
        ours, plain = zip(*(_register(Path(folder), seed) for seed in SEEDS), strict=True)
    for name, runs in (("ours", ours), ("plain", plain)):
        for key in ("precision", "recall", "f1"):
            figures[f"{name}_{key}"] = min(one[key] for one in runs)
        for key in ("pairs_compared", "pairs_found", "seconds"):
            figures[f"{name}_{key}"] = max(one[key] for one in runs)
    figures["asked_per_true"] = max(one["asked_per_true"] for one in ours)
    figures["people"] = max(one["people"] for one in ours)
    figures["by_fault"] = {
        name: rates(one["by_fault"] for one in runs) for name, runs in (("ours", ours), ("plain", plain))
    }
    figures["f1_over_plain"] = round(figures["ours_f1"] - figures["plain_f1"], 4)
    figures["seconds_over_plain"] = round(sum(o["seconds"] for o in ours) / sum(p["seconds"] for p in plain), 2)
    bars: dict[str, Any] = {
        "ours_precision": [">=", 0.995], "ours_recall": [">=", 0.97], "asked_per_true": ["<=", 2],
        "f1_over_plain": [">=", 0], "seconds_over_plain": ["<=", 1.5],
    }  # fmt: skip
    for which in (3, 4):
        for number in (True, False):
            key = f"febrl{which}{'' if number else '_no_number'}"
            mine, theirs = _febrl.ours(which, number=number), _febrl.plain(which, number=number)
            for measure in ("f1", "clustered_f1"):
                figures[f"{key}_{measure}"], figures[f"{key}_plain_{measure}"] = mine[measure], theirs[measure]
                figures[f"{key}_{measure}_over_plain"] = round(mine[measure] - theirs[measure], 4)
                bars[f"{key}_{measure}_over_plain"] = [">=", 0]
    return {"figures": figures, "bars": bars}


def _register(folder: Path, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(ours, plain) on one register."""
    book, truth = folder / f"{seed}.xlsx", folder / f"{seed}.json"
    subprocess.run(
        [sys.executable, TOOLS / "tools" / "messy_register.py", "--households", str(HOUSEHOLDS), "--seed", str(seed),
         "--out", book, "--truth", truth],
        check=True,
    )  # fmt: skip
    rows = _cleaned(book)
    known = Truth(truth, {row["id"]: row["name"] or "" for row in rows})
    return _ours(book, known), _plain(rows, known)


def _ours(book: Path, known: Truth) -> dict[str, Any]:
    actor, watch, true = Actor.system(), Watch(), known.pairs
    with watch:
        intake, _new = services.intake_upload(
            upload=io.BytesIO(book.read_bytes()), file_name=book.name, region_code="0" * 12, actor=actor, at=now(),
            queue=False,
        )  # fmt: skip
        intake = services.intake_check(intake_id=intake.id, actor=actor, at=now())
    said = queries.pairs_plain(intake=intake)
    same = {(a, b) for a, b in said["same"]}
    asked = {(a, b) for a, b in said["asked"]}
    precision, recall = len(same & true) / max(len(same), 1), len((same | asked) & true) / len(true)
    compared = _compared_by_ours(intake)
    services.intake_cancel(intake_id=intake.id, actor=actor, at=now())
    return {
        "people": intake.counts["people"], "precision": round(precision, 4), "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4), "pairs_compared": compared,
        "pairs_found": len(same) + len(asked), "by_fault": known.by_fault(same=same, asked=asked),
        "asked_per_true": round(len(asked) / len(true), 3), "seconds": round(watch.seconds, 2),
    }  # fmt: skip


def _compared_by_ours(intake: Intake) -> int:
    """The same people in the same DuckDB as in the check, with the rules of our scheme."""
    with comparing._people("0" * 12, intake) as connection:
        return compared(connection, [f"{block} AND (l.fresh OR r.fresh)" for block in REGISTER.blocks])


def compared(connection: duckdb.DuckDBPyConnection, blocks: Sequence[str]) -> int:
    """How many pairs of the table `people` these rules let through: each once, however many rules it meets."""
    counted = count_comparisons_from_blocking_rules(
        DuckDBAPI(connection).register("people"), blocking_rules=[CustomRule(block) for block in blocks],
        link_type="dedupe_only", unique_id_column_name="id", record_sample_proportion=1.0,
    )  # fmt: skip
    return int(counted[-1]["cumulative_comparison_count"])


def _plain(rows: list[dict[str, Any]], known: Truth) -> dict[str, Any]:
    connection = duckdb.connect()
    connection.register("rows", pyarrow.Table.from_pylist(rows))
    connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    start = time.perf_counter()
    found = plain_pairs(connection)
    scores = _febrl.scores(found, known.pairs, time.perf_counter() - start)
    return {
        **{key: scores[key] for key in ("precision", "recall", "f1", "seconds")}, "pairs_found": len(found),
        "pairs_compared": compared(connection, [equal(block) for block in PLAIN_BLOCKS]),
        "by_fault": known.by_fault(same=found, asked=()),
    }  # fmt: skip


def plain_pairs(connection: duckdb.DuckDBPyConnection) -> set[tuple[int, int]]:
    """Train plain Splink on the table `people` as its guide says, and predict."""
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="id",
        comparisons=[
            library.JaroWinklerAtThresholds("name", [0.9, 0.7]), library.LevenshteinAtThresholds("number", [1, 2]),
            library.LevenshteinAtThresholds("born", [1, 2]), library.ExactMatch("sex"), library.ExactMatch("phone"),
            library.ExactMatch("account"), library.ExactMatch("village"),
        ],
        blocking_rules_to_generate_predictions=[CustomRule(equal(block)) for block in PLAIN_BLOCKS],
    )  # fmt: skip
    linker = Linker(DuckDBAPI(connection).register("people"), settings)
    teachers: list[Any] = [CustomRule(equal("number")), CustomRule(equal("name born"))]
    linker.training.estimate_probability_two_random_records_match(teachers[:1], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for teacher in teachers:
        linker.training.estimate_parameters_using_expectation_maximisation(teacher)
    rows = linker.inference.predict(threshold_match_probability=0.5).physical_name
    return {(min(a, b), max(a, b)) for a, b in connection.execute(f"SELECT id_l, id_r FROM {rows}").fetchall()}


def _cleaned(book: Path) -> list[dict[str, Any]]:
    """The rows as our readers clean them, with numbers in the clear: what somebody would give to plain Splink."""
    from python_calamine import CalamineWorkbook

    from boai.registry.intake.layout import HEAD_ROWS, RowKind, RowSorter, find_layout
    from boai.registry.intake.people import PersonReader

    rows: Any = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    layout = find_layout(0, "", rows[:HEAD_ROWS], ())
    assert layout is not None
    sorter, reader, made = RowSorter(layout, ()), PersonReader(layout, on=date(2026, 11, 25)), []
    for number, row in enumerate(rows, 1):
        if number > layout.header_row and sorter.sort(number, row) is RowKind.PERSON:
            person = reader.read(number, row)
            made.append({
                "id": number, "name": person.name or None, "sex": person.sex or None,
                "born": person.born.first_day.isoformat() if person.born else None,
                "number": person.number.number if person.number else None, "phone": person.phone or None,
                "account": person.account or None, "village": "".join(person.place) or None,
            })  # fmt: skip
    return made
