#!/usr/bin/env python3
"""Check proofs of a Boai log without Boai: one file, Python 3.9 or newer, nothing to install.

    python3 boai_verify.py 证明.json --key "boai.example.org/log/sha256+1a2b3c4d+AU…"
    python3 boai_verify.py 证明.json 一致性.json --printed "20852163 0ac52561aa8d9f8d2c4f"
    python3 boai_verify.py 一致性.json --kept 去年的检查点.txt

What it checks
  an entry proof        the payload (if it is there) is the one that was committed to; the leaf is in the tree; the
                        head of the tree is signed
  a consistency proof   the older head is a beginning of the newer one: nothing was changed or removed in between
  --key KEY             the signatures are of this key (printed by the office, on its page and on its notices)
  --printed "SIZE HEX"  a head on paper: tree size and the first hex digits of the root; must be one of the heads given
  --kept FILE           a signed head that you kept as a file; must be one of the heads given

Exit code: 0 everything holds, for a key or a head that you brought yourself; 1 something is false; 2 the files or the
command cannot be understood, or do not belong together; 3 everything fits, but the key came from the files themselves,
so that this only shows that they are complete, not who made them.

Formats: RFC 9162 (Merkle trees), c2sp.org/signed-note and c2sp.org/tlog-checkpoint (signed heads), RFC 8785 (canonical
JSON), RFC 8032 (Ed25519; checked by the `cryptography` package when it is installed, else by the code below).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

OK, FALSE, UNREADABLE, UNKNOWN_KEY = 0, 1, 2, 3
DASH = "\u2014 "
MIN_PRINTED = 12  # hex digits
NOT_PROVEN = """材料完整，但公钥取自文件本身，不能说明是谁出具的。请给出公布的公钥（--key）或纸上的检查点（--printed）。
COMPLETE, BUT NOT PROVEN: the key came from the files. Give the published --key or a --printed checkpoint."""


class Refuted(Exception):
    """Something that the files claim is not true."""


class Unreadable(Exception):
    """The files cannot be understood, or do not belong together."""


class Head(NamedTuple):
    """A signed head: which log, how many entries, which root."""

    origin: str
    size: int
    root: bytes


# --- Ed25519, RFC 8032 §5.1 and appendix ----------------------------------------------------------------------------

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]  # extended homogeneous coordinates (X, Y, Z, T)


def _add(a: Point, b: Point) -> Point:
    m = (a[1] - a[0]) * (b[1] - b[0]) % _P
    n = (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _multiply(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _decompress(raw: bytes) -> Point | None:
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if x2 == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _ROOT % _P
    if (x * x - x2) % _P:
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


_BASE = _decompress((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Is the signature of 64 bytes the key's over the message? Pure Python."""
    if len(public) != 32 or len(signature) != 64 or _BASE is None:
        return False
    key, commitment = _decompress(public), _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= _Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _Q
    left, right = _multiply(s, _BASE), _add(commitment, _multiply(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return ed25519_verify(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def _shown(text: object) -> str:
    """Text from a file as it may stand on a screen: what moves the cursor, breaks the line or turns text around would
    let a forged file write our verdict for us."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text))


# --- signed heads -------------------------------------------------------------------------------------------------


def _b64(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"不是 base64 / not base64: {_shown(str(text)[:40])}") from None


def parse_key(text: str) -> tuple[str, bytes, bytes]:
    """(name, id, public key) of a verifier key `name+id+base64`."""
    name, _, rest = text.strip().partition("+")
    hint, _, encoded = rest.partition("+")
    material = _b64(encoded)
    identity = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if not name or len(material) != 33 or material[0] != 1 or identity.hex() != hint:
        raise Unreadable(f"不是有效的公钥 / not a verifier key: {_shown(text[:60])}")
    return name, identity, material[1:]


def parse_head(note: str) -> Head:
    """The head that a note states, without asking who signed it."""
    lines = note.rpartition("\n\n")[0].split("\n")
    if len(lines) < 3 or not lines[0] or not (lines[1].isascii() and lines[1].isdigit()):
        raise Unreadable("不是检查点 / not a checkpoint")
    root = _b64(lines[2])
    if len(root) != 32 or str(int(lines[1])) != lines[1]:
        raise Unreadable("不是检查点 / not a checkpoint")
    return Head(lines[0], int(lines[1]), root)


def open_head(note: str, key: str) -> Head:
    """The head of a note, after checking that the key signed it for its own log."""
    name, identity, public = parse_key(key)
    text, _, tail = note.rpartition("\n\n")
    head = parse_head(note)
    if head.origin != name:
        origin = _shown(head.origin)
        raise Refuted(f"检查点属于另一个日志 {origin} / the checkpoint belongs to another log, {origin}")
    for line in tail.split("\n"):
        if not line.startswith(f"{DASH}{name} "):
            continue
        signature = _b64(line.split(" ")[2])
        if signature[:4] == identity:
            if not _signature_holds(public, (text + "\n").encode(), signature[4:]):
                raise Refuted("检查点的签名是错的 / the signature of the checkpoint is wrong")
            return head
    raise Refuted("检查点没有这把公钥的签名 / the checkpoint is not signed by this key")


# --- the tree (RFC 9162 §2.1) -------------------------------------------------------------------------------------


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _walk(index: int, last: int, proof: list[bytes], start: bytes) -> tuple[bytes, bytes]:
    """Fold a proof upwards from node `index` (of 0…last): over its left siblings only, and over all of them."""
    older = newer = start
    for sibling in proof:
        if last == 0:
            raise Refuted("证明太长 / the proof is too long")
        if index & 1 or index == last:
            older, newer = _node(sibling, older), _node(sibling, newer)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            newer = _node(newer, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise Refuted("证明太短 / the proof is too short")
    return older, newer


def verify_inclusion(leaf: bytes, index: int, head: Head, proof: list[bytes]) -> None:
    """The leaf is number `index` of the tree under this head."""
    if not 0 <= index < head.size:
        raise Refuted("条目编号超出了树的大小 / the index lies outside the tree")
    start = hashlib.sha256(b"\x00" + leaf).digest()
    if _walk(index, head.size - 1, proof, start)[1] != head.root:
        raise Refuted("这条记录不在这棵树里 / the entry is not in this tree")


def verify_consistency(old: Head, new: Head, proof: list[bytes]) -> None:
    """The tree under `old` is the beginning of the tree under `new`."""
    if old.origin != new.origin:
        raise Refuted("两个检查点属于不同的日志 / the checkpoints belong to different logs")
    if old.size < 1 or new.size < old.size:
        raise Refuted("日志变小了 / the log has become smaller")
    if old.size == new.size:
        if proof or old.root != new.root:
            raise Refuted("同样大小的两个检查点不同：日志被改写或分叉 / two checkpoints of one size differ")
        return
    rest = list(proof)
    if old.size & (old.size - 1) == 0:
        rest.insert(0, old.root)
    if not rest:
        raise Refuted("证明是空的 / the proof is empty")
    index, last = old.size - 1, new.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    older, newer = _walk(index, last, rest[1:], rest[0])
    if older != old.root or newer != new.root:
        raise Refuted("新日志不是在旧日志后面增加的：历史被改写 / the newer log does not continue the older: rewritten")


# --- what people bring --------------------------------------------------------------------------------------------


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _value in pairs]
    if len(set(names)) != len(names):
        raise Refuted("同一字段出现两次 / a field appears twice")
    return dict(pairs)


def _parse(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"不是 JSON / not JSON: {_shown(error)}") from None
    if not isinstance(value, dict):
        raise Unreadable("不是证明文件 / not a proof file")
    return value


def _is_canonical(text: str, value: object) -> bool:
    """RFC 8785 for a leaf: ASCII names and integers only, so Python orders and writes it the same way."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) == text


def _proof(bundle: dict[str, Any]) -> list[bytes]:
    proof = [_b64(h) for h in bundle["proof"]]
    if any(len(h) != 32 for h in proof):
        raise Refuted("证明里有长度不对的散列 / a hash of the proof has the wrong length")
    return proof


class Verifier:
    """Collects heads from the files, checks every claim, and says it in two languages."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        self.heads: dict[int, Head] = {}
        self.links: list[tuple[int, int]] = []
        self.entries: list[tuple[int, int]] = []  # index, size of the head

    def say(self, chinese: str, english: str) -> None:
        print(f"  ✓ {chinese} / {english}")

    def head(self, note: str, bundle: dict[str, Any]) -> Head:
        """Open a head and hold it against the others: one size has one root."""
        head = open_head(note, self.key or str(bundle.get("vkey", "")))
        self.add(head)
        return head

    def add(self, head: Head) -> None:
        known = self.heads.setdefault(head.size, head)
        if known != head:
            raise Refuted("同样大小的两个检查点不同：日志被改写或分叉 / two checkpoints of one size differ: a fork")

    def check(self, text: str) -> None:
        """Check one proof file."""
        bundle = _parse(text)
        try:
            if bundle.get("format") == "boai-proof-v1":
                self.entry(bundle)
            elif bundle.get("format") == "boai-consistency-v1":
                self.consistency(bundle)
            else:
                raise Unreadable("不认识的格式 / unknown format")
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
            raise Unreadable(f"证明文件不完整 / the proof file is incomplete: {_shown(error)}") from None

    def entry(self, bundle: dict[str, Any]) -> None:
        head = self.head(bundle["checkpoint"], bundle)
        leaf = _parse(bundle["leaf"])
        if not _is_canonical(bundle["leaf"], leaf):
            raise Refuted("记录不是规范写法 / the leaf is not canonical")
        if type(bundle["index"]) is not int:
            raise Unreadable("条目编号不是整数 / the index is not a whole number")
        verify_inclusion(bundle["leaf"].encode(), bundle["index"], head, _proof(bundle))
        if leaf["seq"] != bundle["index"]:
            raise Refuted("记录自己的编号与位置不符 / the leaf says another number than its place")
        self.entries.append((bundle["index"], head.size))
        self.say(
            f"第 {leaf['seq']} 条记录在日志里（共 {head.size} 条）",
            f"entry {leaf['seq']} is in the log of {head.size}",
        )
        print("    " + _shown(f"{leaf['type']}  {leaf['at']}  {leaf['obj']}  ({leaf['actor_role']})"))
        if "payload" in bundle:
            self.payload(bundle, leaf)
        else:
            print("    （未附内容，只证明它存在 / without its contents: only its existence is shown）")

    def payload(self, bundle: dict[str, Any], leaf: dict[str, Any]) -> None:
        salt, payload = _b64(bundle["salt"]), bundle["payload"]
        if len(salt) != 32 or hashlib.sha256(salt + payload.encode()).hexdigest() != leaf["commit"]:
            raise Refuted("内容与当时登记的不一致 / the contents are not the ones that were logged")
        shown = _parse(payload)
        self.say("内容与当时登记的一致", "the contents are the ones that were logged")
        for line in json.dumps(shown, ensure_ascii=False, indent=2).split("\n"):
            print("    " + _shown(line))

    def consistency(self, bundle: dict[str, Any]) -> None:
        old, new = self.head(bundle["old"], bundle), self.head(bundle["new"], bundle)
        verify_consistency(old, new, _proof(bundle))
        self.links.append((old.size, new.size))
        self.say(
            f"从 {old.size} 条到 {new.size} 条，只增加、没有改动",
            f"from {old.size} to {new.size} entries: only added to, nothing changed",
        )

    def printed(self, text: str) -> int:
        """Hold a head on paper against the files; its size."""
        words = text.split()
        if len(words) != 2 or not words[0].isdigit() or len(words[1]) < MIN_PRINTED:
            raise Unreadable('--printed 应写成 "条数 根的前 20 位" / --printed wants "SIZE HEX"')
        size, prefix = int(words[0]), words[1].lower()
        if size not in self.heads:
            raise Unreadable(
                f"文件里没有 {size} 条时的检查点，请下载到该大小的一致性证明 / "
                f"no checkpoint of {size} entries in the files: download the consistency proof from that size"
            )
        if not self.heads[size].root.hex().startswith(prefix):
            raise Refuted("与纸上印的检查点不同 / not the checkpoint that is printed on paper")
        self.say("与纸上印的检查点相同", "the same checkpoint as on paper")
        return size

    def kept(self, note: str) -> int:
        """Hold a head that somebody kept against the files; its size."""
        try:
            head = open_head(note, self.key) if self.key else parse_head(note)
        except ValueError as error:
            raise Unreadable(f"不是检查点 / not a checkpoint: {_shown(error)}") from None
        if self.heads and head.size > max(self.heads):
            newest = max(self.heads)
            raise Unreadable(
                f"文件里最新的检查点有 {newest} 条，少于自己保存的 {head.size} 条；"
                "如果日志现在拿不出更新的检查点，说明日志变小了 / "
                f"the newest checkpoint in the files has {newest} entries, the one kept has {head.size}: "
                "if the log has none that is newer, it has become smaller"
            )
        if head.size not in self.heads:
            raise Unreadable(
                f"文件里没有 {head.size} 条时的检查点 / no checkpoint of {head.size} entries in the files: "
                "download the consistency proof from that size"
            )
        self.add(head)
        self.say("与自己保存的检查点相同", "the same checkpoint as the one kept")
        return head.size

    def linked(self, anchor: int) -> set[int]:
        """The sizes of the heads that consistency proofs join to this one."""
        known = {anchor}
        for _ in self.links:
            for pair in self.links:
                if known & set(pair):
                    known |= set(pair)
        return known

    def judge(self, anchors: list[int]) -> int:
        """Does what the person brought vouch for everything that was checked?

        A head on paper vouches for the entries before it; an entry that came later needs the key, because anybody can
        add to a tree.
        """
        for anchor in anchors:
            if any(size not in self.linked(anchor) for _index, size in self.entries):
                raise Unreadable(
                    f"缺少 {anchor} 条的检查点与这条记录的检查点之间的一致性证明 / "
                    f"the consistency proof between the checkpoint of {anchor} and that of the entry is missing"
                )
        if self.key or (anchors and all(index < max(anchors) for index, _size in self.entries)):
            print("通过 / VERIFIED")
            return OK
        print(NOT_PROVEN)
        return UNKNOWN_KEY


def run(options: argparse.Namespace) -> int:
    """Check everything that was brought; the exit code."""
    verifier = Verifier(options.key)
    for path in options.files:
        print(f"{path}")
        verifier.check(_read(path))
    return verifier.judge(
        [verifier.printed(text) for text in options.printed] + [verifier.kept(_read(path)) for path in options.kept]
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"读不了 / cannot read {path}: {error}") from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"用法有误 / usage: {message}\n{self.format_usage()}", file=sys.stderr)
        raise SystemExit(UNREADABLE)


def main(words: list[str] | None = None) -> int:
    """The command line."""
    parser = _Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="证明.json", help="proofs downloaded from the portal")
    parser.add_argument("--key", help="公布的公钥 / the published verifier key")
    many: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument("--printed", metavar='"SIZE HEX"', help="纸上的检查点 / a checkpoint on paper", **many)
    parser.add_argument("--kept", metavar="FILE", help="自己保存的检查点 / a checkpoint kept as a file", **many)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        return run(parser.parse_args(words))
    except Refuted as error:
        print(f"不通过 / FALSE: {error}")
        return FALSE
    except Unreadable as error:
        print(f"无法核对 / CANNOT CHECK: {error}")
        return UNREADABLE


if __name__ == "__main__":
    raise SystemExit(main())
