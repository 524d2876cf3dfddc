"""`./boai bench NAME`: one JSON line of figures, on a cluster of its own.

A bench is a module bench/NAME.py with `run() -> {"figures": {name: value}, "bars": {name: ["<=" or ">=", limit]}}`;
it is ok when every bar holds. Underscores in file names are hyphens in bench names.
"""

from __future__ import annotations

import importlib
import json
import operator
import sys
from typing import Any

from boai.launcher.cluster import throw_away_cluster
from boai.launcher.django_host import boot, migrate
from boai.launcher.environment import embedded_urls, keys, open_roles
from boai.launcher.paths import ROOT

COMPARE = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt}


def names() -> list[str]:
    """Every bench of this checkout."""
    return sorted(p.stem.replace("_", "-") for p in (ROOT / "bench").glob("*.py") if not p.stem.startswith("_"))


def holds(figures: dict[str, Any], bars: dict[str, Any]) -> bool:
    """Does every figure keep to its bar? A bar without its figure is a failure."""
    return all(name in figures and COMPARE[how](figures[name], limit) for name, (how, limit) in bars.items())


def bench(words: list[str], *, profile: bool = False) -> int:
    """Run one bench and print its line; 1 when a bar is missed."""
    if not words or words[0] == "--list":
        print("\n".join(names()))
        return 0
    name = words[0]
    if name not in names():
        print(f"没有这个测量：{name}。可用：{'、'.join(names())} / No such bench: {name}.", file=sys.stderr)
        return 2
    secrets = keys()
    with throw_away_cluster() as cluster:
        environment = secrets | embedded_urls(cluster, secrets["BOAI_SECRET_KEY"])
        boot(environment | {"BOAI_TESTING": "1", "BOAI_CLUSTER": f"{cluster.data}|{cluster.password}"})
        migrate()
        open_roles(environment)
        module = importlib.import_module(f"bench.{name.replace('-', '_')}")
        result = _profiled(module.run) if profile else module.run()
        from django.db import connections

        connections.close_all()
    ok = holds(result["figures"], result["bars"])
    print(json.dumps({"bench": name, **result, "ok": ok}, ensure_ascii=False))
    return 0 if ok else 1


def _profiled(run: Any) -> Any:
    from pyinstrument import Profiler

    with Profiler(interval=0.002) as profiler:
        result = run()
    print(profiler.output_text(unicode=True, color=sys.stderr.isatty(), show_all=False), file=sys.stderr)
    return result
