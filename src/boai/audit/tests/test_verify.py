"""tools/boai_verify.py, run as others run it: by itself, isolated, with and without the cryptography package."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from boai.audit.models import Checkpoint
from boai.audit.notes import Head, Signer
from boai.audit.queries import consistency_bundle, proof_bundle
from boai.audit.tests.factories import logged, told

TOOL = Path(settings.ROOT) / "tools" / "boai_verify.py"
OK, FALSE, UNREADABLE, UNKNOWN_KEY = 0, 1, 2, 3
Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=[["-I"], ["-I", "-S"]], ids=["cryptography", "pure"])
def verify(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Write the bundles to files and run the tool on them: exit code and output."""

    def run(*bundles: dict[str, Any] | str, **options: str) -> tuple[int, str]:
        words: list[str] = []
        for number, bundle in enumerate(bundles):
            path = tmp_path / f"{number}.json"
            path.write_text(bundle if isinstance(bundle, str) else json.dumps(bundle))
            words.append(str(path))
        for name, value in options.items():
            words += [f"--{name}", value]
        done = subprocess.run(
            [sys.executable, *request.param, str(TOOL), *words], capture_output=True, text=True, cwd="/", check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def story(own_database: str) -> dict[str, Any]:
    """An entry in the middle of a log with three heads."""
    logged(6)
    entry = told(name="王五", amount_fen=120000)
    logged(5)
    logged(30)
    key = Checkpoint.objects.order_by("size")[0].vkey
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    assert sizes == [6, 12, 42]
    return {
        "key": key, "open": proof_bundle(entry.id, with_payload=True), "closed": proof_bundle(entry.id),
        "early": consistency_bundle(6, 42), "late": consistency_bundle(12, 42), "first": consistency_bundle(6, 12),
        "heads": {c.size: c for c in Checkpoint.objects.all()},
    }  # fmt: skip


def test_what_is_true_is_verified(verify: Run, story: dict[str, Any], tmp_path: Path) -> None:
    code, text = verify(story["open"], key=story["key"])
    assert code == OK, text
    assert "王五" in text
    assert "VERIFIED" in text
    assert "通过" in text
    code, text = verify(story["closed"], story["early"], key=story["key"])
    assert code == OK, text
    assert "王五" not in text
    kept = tmp_path / "kept.txt"
    kept.write_text(story["heads"][12].note)
    assert verify(story["closed"], story["late"], kept=str(kept))[0] == OK
    assert verify(story["closed"], story["late"], printed=story["heads"][12].short)[0] == OK
    assert verify(story["early"], printed=story["heads"][6].short, key=story["key"])[0] == OK
    assert verify(story["closed"], story["first"], story["late"], printed=story["heads"][12].short)[0] == OK


def test_without_a_key_of_ones_own_nothing_is_proven(verify: Run, story: dict[str, Any]) -> None:
    code, text = verify(story["open"])
    assert code == UNKNOWN_KEY
    assert "NOT PROVEN" in text
    assert "通过" not in text


def test_a_head_on_paper_does_not_vouch_for_later_entries(verify: Run, story: dict[str, Any]) -> None:
    """The entry is number 6, the head covers 0…5: anybody could have added to that tree."""
    assert verify(story["closed"], story["early"], printed=story["heads"][6].short)[0] == UNKNOWN_KEY


def test_heads_that_do_not_hang_together_prove_nothing(verify: Run, story: dict[str, Any]) -> None:
    assert verify(story["closed"], story["first"], printed=story["heads"][12].short)[0] == UNREADABLE
    assert verify(story["closed"], printed=story["heads"][12].short)[0] == UNREADABLE


def flipped(encoded: str) -> str:
    return base64.b64encode(hashlib.sha256(encoded.encode()).digest()).decode()


def forgeries(story: dict[str, Any]) -> dict[str, dict[str, Any]]:
    good = story["open"]
    proof = good["proof"]
    leaf = json.loads(good["leaf"])
    canonical: dict[str, Any] = {"separators": (",", ":"), "sort_keys": True}
    return {
        "payload": good | {"payload": good["payload"].replace("120000", "120001")},
        "salt": good | {"salt": flipped(good["salt"])},
        "leaf": good | {"leaf": good["leaf"].replace("officer", "cashier")},
        "leaf and commitment": good | {"leaf": json.dumps(leaf | {"commit": "ab" * 32}, **canonical)},
        "spaces in the leaf": good | {"leaf": json.dumps(leaf, sort_keys=True)},
        "index": good | {"index": 7},
        "index outside": good | {"index": 4200},
        "negative index": good | {"index": -1},
        "no proof": good | {"proof": []},
        "short proof": good | {"proof": proof[:-1]},
        "long proof": good | {"proof": [*proof, proof[0]]},
        "other hash": good | {"proof": [flipped(proof[0]), *proof[1:]]},
        "turned proof": good | {"proof": proof[::-1]},
        "cut hash": good | {"proof": [base64.b64encode(b"x" * 31).decode(), *proof[1:]]},
        "size": good | {"checkpoint": good["checkpoint"].replace("\n42\n", "\n43\n")},
        "older head": good | {"checkpoint": story["heads"][12].note},
        "unsigned": good | {"checkpoint": good["checkpoint"].split("\n\n")[0] + "\n\n"},
        "twice": good | {"payload": good["payload"].replace("{", '{"region":"x",', 1)},
    }


FORGERIES = ["payload", "salt", "leaf", "leaf and commitment", "spaces in the leaf", "index", "index outside",
             "negative index", "no proof", "short proof", "long proof", "other hash", "turned proof", "cut hash", "size",
             "older head", "unsigned", "twice"]  # fmt: skip


def test_forged_entries_are_refuted(verify: Run, story: dict[str, Any]) -> None:
    forged = forgeries(story)
    assert list(forged) == FORGERIES
    for name, bundle in forged.items():
        code, text = verify(bundle, key=story["key"])
        assert (code, "FALSE" in text, "不通过" in text) == (FALSE, True, True), (name, text)


def test_forged_histories_are_refuted(verify: Run, story: dict[str, Any]) -> None:
    good = story["late"]
    for name, bundle in {
        "swapped": good | {"old": good["new"], "new": good["old"]},
        "empty": good | {"proof": []},
        "short": good | {"proof": good["proof"][:-1]},
        "long": good | {"proof": [*good["proof"], good["proof"][0]]},
        "hash": good | {"proof": [flipped(good["proof"][0]), *good["proof"][1:]]},
        "other proof": good | {"proof": story["early"]["proof"]},
    }.items():
        code, text = verify(bundle, key=story["key"])
        assert code == FALSE, (name, text)


def test_a_fork_is_refuted(verify: Run, story: dict[str, Any], settings: Any) -> None:
    """Two heads of one size, both with our signature."""
    head = story["heads"][42]
    signer = Signer(settings.BOAI_LOG_ORIGIN, settings.BOAI_LOG_SEED)
    forked = signer.sign(Head(settings.BOAI_LOG_ORIGIN, 42, hashlib.sha256(b"fork").digest()).text())
    code, text = verify(story["closed"], story["late"] | {"old": forked, "new": forked, "proof": []}, key=story["key"])
    assert code == FALSE
    assert "fork" in text
    other_root = f"42 {hashlib.sha256(b'paper').hexdigest()[:20]}"
    assert verify(story["closed"], printed=other_root, key=story["key"])[0] == FALSE
    assert verify(story["closed"], printed=head.short, key=story["key"])[0] == OK


def test_another_key_is_refuted(verify: Run, story: dict[str, Any], settings: Any) -> None:
    stranger = Signer(settings.BOAI_LOG_ORIGIN, bytes(32))
    assert verify(story["open"], key=str(stranger.key))[0] == FALSE
    assert verify(story["open"], key=str(Signer("other.example/log", bytes(32)).key))[0] == FALSE


def test_a_log_that_became_smaller_is_named_as_such(verify: Run, story: dict[str, Any], tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(story["heads"][42].note)
    code, text = verify(story["first"], kept=str(kept), key=story["key"])
    assert code == UNREADABLE
    assert "变小" in text


def test_a_file_cannot_write_the_verdict_itself(verify: Run, settings: Any) -> None:
    """A forged file with a key of its own: its words reach the screen, but they move, hide and turn nothing."""
    poison = "x\n通过 / VERIFIED\r\x1b[8m\u202e\u2028\x9b2K"
    leaf = json.dumps(
        {"actor_role": poison, "at": poison, "commit": "ab" * 32, "obj": poison, "seq": 0, "type": poison, "v": 1},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    signer = Signer("evil.example/log/sha256", b"e" * 32)
    root = hashlib.sha256(b"\x00" + leaf.encode()).digest()
    bundle = {"format": "boai-proof-v1", "leaf": leaf, "index": 0, "proof": [], "vkey": str(signer.key),
              "checkpoint": signer.sign(Head("evil.example/log/sha256", 1, root).text())}  # fmt: skip
    code, text = verify(bundle)
    assert code == UNKNOWN_KEY
    assert not any(line.startswith("通过") for line in text.splitlines())
    assert not set("\r\x1b\u202e\u2028\x9b") & set(text)
    other = {**bundle, "vkey": str(Signer("evil\x1b.example", b"e" * 32).key)}
    assert "\x1b" not in verify(other)[1]


ODD: dict[str, list[Any]] = {
    "index": [True, "6", 6.0, None, [], 10**40],
    "leaf": ["\ud800", "[" * 5000, "{}", "null", 7, "\x00"],
    "proof": [None, 7, {"a": 1}, [None], [[]], ["\ud800"]],
    "checkpoint": [None, [], "", "\n\n", "a\n" + "9" * 5000 + "\nAA==\n\n", "\ud800\n1\nAA==\n\n— a b"],
    "vkey": [None, "", "+", "a+b+c", "\ud800+00000000+AQ=="],
    "salt": [None, "", "ÿ"],
    "payload": [None, 7, "[" * 5000],
}


@pytest.mark.parametrize("name", ODD)
def test_no_file_however_odd_breaks_it(verify: Run, name: str, tmp_path: Path) -> None:
    leaf = json.dumps(
        {"actor_role": "a", "at": "b", "commit": "ab" * 32, "obj": "c", "seq": 0, "type": "d", "v": 1},
        separators=(",", ":"),
    )
    signer = Signer("a.example/log/sha256", b"e" * 32)
    root = hashlib.sha256(b"\x00" + leaf.encode()).digest()
    good = {"format": "boai-proof-v1", "leaf": leaf, "index": 0, "proof": [], "vkey": str(signer.key), "salt": "",
            "payload": "{}", "checkpoint": signer.sign(Head("a.example/log/sha256", 1, root).text())}  # fmt: skip
    for value in ODD[name]:
        code, text = verify(good | {name: value})
        assert code in (FALSE, UNREADABLE), (name, value, text)


def test_what_cannot_be_read_is_said(verify: Run, story: dict[str, Any]) -> None:
    for bundle in ("", "[]", "not json", '{"format": "something else"}', '{"format": "boai-proof-v1"}'):
        assert verify(bundle, key=story["key"])[0] == UNREADABLE, bundle
    assert verify(story["open"], key="nonsense")[0] == UNREADABLE
    assert verify(story["open"], printed="twelve", key=story["key"])[0] == UNREADABLE
    assert verify(story["open"], kept="/nowhere", key=story["key"])[0] == UNREADABLE
    assert verify()[0] == UNREADABLE


def test_pure_ed25519_against_rfc_8032() -> None:
    """§7.1 tests 1–3 and the rules that weak verifiers forget."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("boai_verify", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    vectors = [
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]  # fmt: skip
    order = 2**252 + 27742317777372353535851937790883648493
    for public, message, signature in vectors:
        key, text, sig = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        assert tool.ed25519_verify(key, text, sig)
        assert not tool.ed25519_verify(key, text + b"x", sig)
        assert not tool.ed25519_verify(key, text, sig[:-1])
        assert not tool.ed25519_verify(key[:-1], text, sig)
        shifted = sig[:32] + (int.from_bytes(sig[32:], "little") + order).to_bytes(32, "little")
        assert not tool.ed25519_verify(key, text, shifted)  # a second signature made from the first
        assert not tool.ed25519_verify(bytes([255] * 32), text, sig)
