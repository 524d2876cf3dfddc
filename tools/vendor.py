#!/usr/bin/env python3
"""Third-party browser files: fetched once by hand, kept in the tree, checked on every test run.

    tools/vendor.py --check      every file is the one that vendor.json names (offline)
    tools/vendor.py --refresh    fetch the packages again through `npm pack` and rewrite the checksums

The list is src/boai/web/static/vendor/vendor.json: package, version, licence, and for each file where it lies in the
package and its SHA-256. To take a new version: change `version` there, run --refresh, read the package's change log,
run the browser tests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[1] / "src" / "boai" / "web" / "static" / "vendor"
MANIFEST = "vendor.json"


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest_read(folder: Path) -> dict[str, Any]:
    """The list of packages and files."""
    data: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return data


def faults(folder: Path) -> Iterator[str]:
    """One sentence per file that is missing, changed, or lies here unlisted."""
    listed = {MANIFEST}
    for package in manifest_read(folder)["packages"]:
        for field in ("name", "version", "licence"):
            if not package.get(field):
                yield f"{package.get('name', '?')}: no {field} in {MANIFEST}"
        for file in package["files"]:
            listed.add(file["file"])
            path = folder / file["file"]
            if not path.exists():
                yield f"{file['file']}: missing"
            elif sha256(path) != file["sha256"]:
                yield f"{file['file']}: not the file of {package['name']} {package['version']}"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in listed:
            yield f"{path.relative_to(folder)}: not listed in {MANIFEST}"


def refresh(folder: Path) -> None:
    """Fetch every package at its version, copy its files, write the checksums back."""
    manifest = manifest_read(folder)
    for package in manifest["packages"]:
        with tempfile.TemporaryDirectory() as work:
            words = ["npm", "pack", "--silent", f"{package['name']}@{package['version']}"]
            subprocess.run(words, cwd=work, check=True, stdout=subprocess.DEVNULL)
            (archive,) = Path(work).glob("*.tgz")
            with tarfile.open(archive) as tar:
                for file in package["files"]:
                    source = tar.extractfile(f"package/{file['from']}")
                    if source is None:
                        raise SystemExit(f"{package['name']} {package['version']} has no file {file['from']}")
                    target = folder / file["file"]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(source.read())
                    file["sha256"] = sha256(target)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def main(words: list[str] | None = None, folder: Path = VENDOR) -> int:
    """Check or refresh; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="verify the checksums, offline")
    what.add_argument("--refresh", action="store_true", help="fetch the files again through npm")
    chosen = parser.parse_args(words)
    if chosen.refresh:
        refresh(folder)
    found = list(faults(folder))
    print("\n".join(found) if found else "vendor: every file is as listed", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
