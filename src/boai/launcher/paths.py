"""Where things lie, relative to the checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SRC = ROOT / "src"
VAR = Path(os.environ.get("BOAI_VAR", ROOT / "var"))
