"""Which faults the two rows of a pair have, and how well pairs are found for each kind of fault."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

Pair = tuple[int, int]
NO_FAULT, MOVED, RENAMED = "none", "another village", "another spelling of the name"


class Truth:
    """The truth beside a messy register: who is who, and what is wrong with each row.

    `names` are the names as our readers clean them: a homophone is no fault of a cell, only the two together show it.
    """

    def __init__(self, path: Path, names: Mapping[int, str]) -> None:
        rows = [one for one in json.loads(path.read_text(encoding="utf-8"))["lines"] if one["kind"] == "person"]
        self.names = names
        self.faults = {one["row"]: {f"{column}: {kind}" for column, kind in one["faults"].items()} for one in rows}
        self.villages = {one["row"]: one["village_code"] for one in rows}
        entities: dict[int, list[int]] = defaultdict(list)
        for one in rows:
            entities[one["entity"]].append(one["row"])
        self.pairs: set[Pair] = {pair for same in entities.values() for pair in combinations(sorted(same), 2)}

    def kinds(self, pair: Pair) -> set[str]:
        """What is wrong with either row of a pair, or between the two; NO_FAULT where nothing is."""
        left, right = pair
        found = self.faults[left] | self.faults[right]
        villages, names = {self.villages[left], self.villages[right]}, {self.names.get(left), self.names.get(right)}
        found |= {MOVED} if len(villages - {None}) > 1 else set()
        found |= {RENAMED} if len(names - {None, ""}) > 1 else set()
        return found or {NO_FAULT}

    def by_fault(self, *, same: Iterable[Pair], asked: Iterable[Pair]) -> dict[str, dict[str, int]]:
        """{kind: {true, found (as the same or asked), same, same_true}}; a pair with two faults counts under both."""
        counts: dict[str, dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(("true", "found", "same", "same_true"), 0)
        )
        same, asked = set(same), set(asked)
        for name, pairs in (("true", self.pairs), ("found", (same | asked) & self.pairs), ("same", same),
                            ("same_true", same & self.pairs)):  # fmt: skip
            for pair in pairs:
                for kind in self.kinds(pair):
                    counts[kind][name] += 1
        return dict(counts)


def rates(runs: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, Any]]:
    """All runs together: {kind: {"pairs", "recall", "precision"}}, the kinds with the lowest recall first.

    A precision of None: no pair of this kind was taken for one person without a word.
    """
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for run in runs:
        for kind, counts in run.items():
            for name, number in counts.items():
                sums[kind][name] += number
    made = {
        kind: {
            "pairs": one["true"], "recall": round(one["found"] / one["true"], 4),
            "precision": round(one["same_true"] / one["same"], 4) if one["same"] else None,
        }
        for kind, one in sums.items() if one["true"]
    }  # fmt: skip
    return dict(sorted(made.items(), key=lambda item: (item[1]["recall"], item[0])))
