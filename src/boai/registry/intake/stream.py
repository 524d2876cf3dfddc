"""Start the reading process, guard it, and hand its rows on one chunk at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import boai
from boai.kernel.text.folding import visible
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.wire import revive

Value: TypeAlias = str | int | float | bool | date | datetime
Row: TypeAlias = list[Value]
_SOURCE = Path(boai.__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class SheetStart:
    """A sheet begins. `merged`: (row, column, last row, last column), counted from 0; `height` and `width` are 0
    when not known."""

    index: int
    name: str
    visible: bool
    merged: tuple[tuple[int, int, int, int], ...]
    height: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows; `first` is the number of the first as Excel shows it."""

    first: int
    rows: list[Row]


Event: TypeAlias = SheetStart | Rows


@contextmanager
def reading(
    path: Path | str, *, pass_fds: tuple[int, ...] = (), sheet: int = 0, row: int = 0
) -> Iterator[Iterator[Event]]:
    """Read a register file in a process of its own; leaving the block ends that process.

    With `sheet` and `row` it goes on behind that row.
    The events raise BadFile with the code that the process gave, or "memory", "time" or "damaged" when it died.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "boai.registry.intake.reader", str(path), str(sheet), str(row)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(_SOURCE), "PYTHONDONTWRITEBYTECODE": "1", "RUST_BACKTRACE": "0"},
        pass_fds=pass_fds,
    )
    try:
        yield _events(process)
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()
        process.wait()


def _events(process: subprocess.Popen[bytes]) -> Iterator[Event]:
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line, object_hook=revive)
        if "rows" in said:
            yield Rows(said["row"], said["rows"])
        elif "sheet" in said:
            merged = tuple((a, b, c, d) for a, b, c, d in said["merged"])
            yield SheetStart(
                said["sheet"], visible(said["name"]), said["visible"], merged, said["height"], said["width"]
            )
        elif "error" in said:
            raise BadFile(said["error"])
        elif "end" in said:
            return
    raise BadFile(_why_it_died(process.wait()))


def _why_it_died(code: int) -> str:
    """SIGABRT is how the parser gives up when memory runs out; SIGXCPU and SIGKILL when time runs out."""
    return {-6: "memory", -11: "damaged", -24: "time", -9: "time"}.get(code, "damaged")
