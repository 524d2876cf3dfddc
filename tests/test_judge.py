"""The intake against the tools that write messy registers and judge importers.

tests/judge/ holds the two programs and their list of villages as they came: they know nothing of Boai.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from boai.launcher.paths import ROOT
from boai.regions.services import divisions_load_subset

JUDGE = ROOT / "tests" / "judge"
pytestmark = pytest.mark.django_db


def judged(folder: Path, *, households: int, seed: int, mess: float = 1.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a register, take it in by the command, and let the judge speak: (its words, about the villages)."""
    book, truth, findings, places = (folder / name for name in ("r.xlsx", "truth.json", "findings.json", "places.json"))
    tools = JUDGE / "tools"
    subprocess.run(
        [sys.executable, tools / "messy_register.py", "--households", str(households), "--seed", str(seed), "--mess",
         str(mess), "--out", book, "--truth", truth],
        check=True,
    )  # fmt: skip
    call_command("intake", str(book), branch="0", findings=findings, places=places, stdout=io.StringIO())
    said = subprocess.run(
        [sys.executable, tools / "judge_intake.py", truth, findings], check=True, capture_output=True, text=True
    )
    return json.loads(said.stdout), _villages(truth, places)


def _villages(truth: Path, places: Path) -> dict[str, Any]:
    """Every row's village against the truth; a place name that stands for two villages in the list can't be judged."""
    resolved = {one["row"]: one["village_code"] for one in json.loads(places.read_text())}
    lines = [line for line in json.loads(truth.read_text())["lines"] if line["kind"] == "person"]
    wrong = [line["row"] for line in lines if resolved.get(line["row"]) != line["village_code"]]
    return {"rows": len(lines), "wrong": len(wrong), "sample": wrong[:10], "extra": len(resolved) - len(lines)}


@pytest.fixture
def _counties() -> None:
    with (JUDGE / "data" / "villages.csv").open(encoding="utf-8") as file:
        divisions_load_subset(counties=sorted({row["code"][:6] for row in csv.DictReader(file)}))


@pytest.mark.parametrize(("households", "seed", "mess"), [(50, 1, 1.0), (400, 2, 1.0), (400, 3, 3.0), (300, 4, 0.0)])
@pytest.mark.usefixtures("_counties")
def test_the_judge_finds_nothing_to_say(households: int, seed: int, mess: float, tmp_path: Path) -> None:
    said, villages = judged(tmp_path, households=households, seed=seed, mess=mess)
    assert said["missed"] == [], said
    assert said["false_per_1000"] <= 1, said
    assert villages["wrong"] == villages["extra"] == 0, villages
