"""A Merkle tree as RFC 9162 (and RFC 6962) define it: hashes, roots, inclusion and consistency proofs. Pure.

Leaves are numbered from 0. A *perfect* subtree is named by (level, index): it covers the 2^level leaves from
index·2^level on; level 0 is the leaf itself. Once its last leaf is in, a perfect subtree never changes again, so these
are the only hashes that need to be kept; every root and every proof is folded from a handful of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

Node: TypeAlias = tuple[int, int]
Range: TypeAlias = tuple[int, int]

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_SIZE = 32


class ProofError(ValueError):
    """The proof does not show what it claims to show."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


# --- which hashes are needed -----------------------------------------------------------------------


def cover(lo: int, hi: int) -> list[Node]:
    """The perfect subtrees, left to right, that make up leaves lo…hi-1 of a range that RFC 9162 splits off."""
    nodes = []
    while lo < hi:
        level = (hi - lo).bit_length() - 1
        nodes.append((level, lo >> level))
        lo += 1 << level
    return nodes


def _split(lo: int, hi: int) -> int:
    """Where RFC 9162 divides a range: after the largest power of two that is smaller than its length."""
    return lo + (1 << ((hi - lo - 1).bit_length() - 1))


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots are the inclusion proof of leaf `index` in a tree of `size`, deepest first (§2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    lo, hi, ranges = 0, size, []
    while hi - lo > 1:
        middle = _split(lo, hi)
        if index < middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo = middle
    return ranges[::-1]


def consistency_ranges(old: int, size: int) -> list[Range]:
    """The ranges whose roots prove that the tree of `old` leaves is a prefix of the tree of `size` (§2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} cannot be a prefix of a tree of {size}")
    lo, hi, whole, ranges = 0, size, True, []
    while old != hi:
        middle = _split(lo, hi)
        if old <= middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo, whole = middle, False
    if not whole:  # otherwise this is the old root itself, which the verifier already holds
        ranges.append((lo, hi))
    return ranges[::-1]


def nodes_of(ranges: Sequence[Range]) -> list[Node]:
    """Every stored hash that the ranges need, so that they can be fetched at once."""
    return [node for lo, hi in ranges for node in cover(lo, hi)]


def fold(lo: int, hi: int, hash_of: Callable[[Node], bytes]) -> bytes:
    """The root over leaves lo…hi-1, from the hashes of its perfect subtrees."""
    if lo == hi:
        return EMPTY_ROOT
    hashes = [hash_of(node) for node in cover(lo, hi)]
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


# --- growing ---------------------------------------------------------------------------------------


class Frontier:
    """The right edge of a growing tree: the hashes of the perfect subtrees that cover it, largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} peaks, not {len(peaks)}")
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add a leaf hash; yields (level, index, hash) of every inner node that it completes."""
        self.peaks.append(leaf)
        index, self.size, level = self.size, self.size + 1, 0
        while index & 1:
            right, left = self.peaks.pop(), self.peaks.pop()
            self.peaks.append(node_hash(left, right))
            index, level = index >> 1, level + 1
            yield level, index, self.peaks[-1]

    def root(self) -> bytes:
        """The root at the present size."""
        return fold(0, self.size, dict(zip(cover(0, self.size), self.peaks, strict=True)).__getitem__)


# --- verifying -------------------------------------------------------------------------------------


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is leaf number `index` of the tree with this size and root (§2.1.3.2).

    Raises ProofError.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError("the index lies outside the tree")
    result = leaf
    for sibling, on_left in _sides(index, size - 1, proof):
        result = node_hash(sibling, result) if on_left else node_hash(result, sibling)
    if result != root:
        raise ProofError("the leaf does not lead to this root")


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:  # fmt: skip
    """Check that the older tree is a prefix of the newer: nothing in it was changed, only added to (§2.1.4.2).

    A proof from the empty tree is refused: it would show nothing. Raises ProofError.
    """
    _check_hashes(old_root, root, *proof)
    if old_size <= 0:
        raise ProofError("there is nothing to prove from an empty tree")
    if size < old_size:
        raise ProofError("the tree has become smaller")
    if size == old_size:
        if proof or root != old_root:
            raise ProofError("two trees of the same size have different roots, or the proof is not empty")
        return
    rest = list(proof)
    if old_size & (old_size - 1) == 0:
        rest.insert(0, old_root)
    if not rest:
        raise ProofError("the proof is empty")
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    older = newer = rest[0]
    for sibling, on_left in _sides(fn, sn, rest[1:]):
        older = node_hash(sibling, older) if on_left else older
        newer = node_hash(sibling, newer) if on_left else node_hash(newer, sibling)
    if older != old_root:
        raise ProofError("the proof does not lead to the older root")
    if newer != root:
        raise ProofError("the proof does not lead to the newer root")


def _sides(index: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Walk from node `index` (of 0…last on its level) up to the root: each sibling, and does it stand on the left?"""
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        on_left = bool(index & 1) or index == last
        yield sibling, on_left
        if on_left:
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if last != 0:
        raise ProofError("the proof is too short")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(h) != HASH_SIZE for h in hashes):
        raise ProofError("a hash does not have 32 bytes")
