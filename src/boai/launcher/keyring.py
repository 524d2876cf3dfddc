"""`./boai keys new|drop|status|rotate`: changing the master key in var/keys.json, and then in the database."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from boai.launcher.environment import OLD, keys, keys_write
from boai.launcher.failures import LaunchError
from boai.launcher.manage import manage
from boai.launcher.paths import VAR

MASTER = "BOAI_MASTER_KEY"
USAGE = "用法 / Usage: ./boai keys status | new | rotate | drop"


def keyring(words: list[str]) -> int:
    """Dispatch. `status` and `rotate` need the database, `new` only the file."""
    if words == ["new"]:
        return new()
    if words == ["drop"]:
        return drop()
    if len(words) == 1 and words[0] in ("status", "rotate"):
        return manage(["keys", words[0]])
    raise LaunchError(USAGE)


def new(folder: Path = VAR) -> int:
    """Make a master key; the present one stays in the ring to open what it sealed."""
    _only_in_file()
    kept = keys(folder)
    older = [key for key in kept[OLD].split(",") if key]
    keys_write(
        folder,
        kept | {MASTER: base64.b64encode(secrets.token_bytes(32)).decode(), OLD: ",".join([kept[MASTER], *older])},
    )
    print(
        f"新密钥已写入 {folder / 'keys.json'}。请马上另外保存一份，然后重启 ./boai up，再运行 ./boai keys rotate。 / "
        "A new key is in keys.json. Copy the file to its safe place, restart ./boai up, then run ./boai keys rotate."
    )
    return 0


def drop(folder: Path = VAR) -> int:
    """Take the older keys out of the ring; refused while anything is still sealed with them."""
    _only_in_file()
    try:
        manage(["keys", "status"])
    except SystemExit as stopped:
        raise LaunchError(
            "还有数据由旧密钥加密，先运行 ./boai keys rotate。 / "
            "Something is still sealed with an older key: run ./boai keys rotate first."
        ) from stopped
    keys_write(folder, keys(folder) | {OLD: ""})
    print(
        "旧密钥已移出。旧备份仍需要它：在旧备份作废之前，请保留旧的 keys.json。 / "
        "The older keys are out of the ring. Backups from before still need them: keep the old keys.json as long."
    )
    return 0


def _only_in_file() -> None:
    given = [name for name in (MASTER, OLD) if name in os.environ]
    if given:
        raise LaunchError(
            f"密钥由环境变量 {given[0]} 给出，请按 docs/operations.md 在那里更换。 / "
            f"The keys come from the environment ({given[0]}): change them there, see docs/operations.md."
        )
