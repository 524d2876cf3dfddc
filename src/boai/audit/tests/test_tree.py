"""The tree against the CT reference vectors, against RFC 6962 taken literally, and against forged proofs."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boai.audit import tree
from boai.audit.tests.naive import mth, path, subproof

# The reference leaves and roots of the Certificate Transparency project (merkle_tree_test).
CT_LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Grown:
    """A tree grown leaf by leaf, with every node that it ever completed."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tree.Node, bytes] = {}
        self.frontier = tree.Frontier()
        self.roots = [self.frontier.root()]
        for seq, data in enumerate(leaves):
            self.nodes[(0, seq)] = tree.leaf_hash(data)
            for level, index, digest in self.frontier.append(tree.leaf_hash(data)):
                assert (level, index) not in self.nodes
                self.nodes[(level, index)] = digest
            self.roots.append(self.frontier.root())

    def fold(self, ranges: list[tree.Range]) -> list[bytes]:
        return [tree.fold(lo, hi, self.nodes.__getitem__) for lo, hi in ranges]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return self.fold(tree.inclusion_ranges(index, size))

    def consistency(self, old: int, size: int) -> list[bytes]:
        return self.fold(tree.consistency_ranges(old, size))


def numbered(n: int) -> list[bytes]:
    return [f"leaf {i}".encode() for i in range(n)]


GROWN = Grown(numbered(300))


def test_reference_roots() -> None:
    assert [root.hex() for root in Grown(CT_LEAVES).roots] == CT_ROOTS


def test_reference_inclusion_proof() -> None:
    """Path of leaf 6 (index 5) in the tree of 8, from the CT reference test."""
    proof = Grown(CT_LEAVES).inclusion(5, 8)
    assert [h.hex() for h in proof] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_reference_consistency_proof() -> None:
    """From 6 to 8 leaves, from the CT reference test."""
    proof = Grown(CT_LEAVES).consistency(6, 8)
    assert [h.hex() for h in proof] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_small_proof_is_the_one_of_the_rfc() -> None:
    leaves = numbered(40)
    for size in range(1, 41):
        for index in range(size):
            assert GROWN.inclusion(index, size) == path(index, leaves[:size])
        for old in range(1, size + 1):
            assert GROWN.consistency(old, size) == subproof(old, leaves[:size])


@given(st.integers(1, 300), st.data())
@settings(max_examples=150, deadline=None)
def test_roots_and_proofs_agree_with_the_rfc(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    root = GROWN.roots[size]
    assert root == mth(leaves)
    inclusion, consistency = GROWN.inclusion(index, size), GROWN.consistency(old, size)
    assert inclusion == path(index, leaves)
    assert consistency == subproof(old, leaves)
    leaf = tree.leaf_hash(leaves[index])
    tree.verify_inclusion(leaf=leaf, index=index, size=size, proof=inclusion, root=root)
    tree.verify_consistency(old_size=old, old_root=GROWN.roots[old], size=size, root=root, proof=consistency)


@given(st.integers(2, 300), st.data())
@settings(max_examples=150, deadline=None)
def test_forged_inclusion_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = GROWN.inclusion(index, size), GROWN.roots[size]
    good: dict[str, Any] = {"leaf": GROWN.nodes[(0, index)], "index": index, "size": size, "proof": proof, "root": root}
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:place], hashlib.sha256(proof[place]).digest(), *proof[place + 1 :]]
    forgeries: list[dict[str, Any]] = [
        {"index": data.draw(st.integers(0, size - 1).filter(lambda i: i != index))},
        {"index": size}, {"index": -1},
        {"size": 0},
        {"proof": []},
        {"proof": proof[:-1]}, {"proof": proof[1:]},
        {"proof": [*proof, root]}, {"proof": [root, *proof]},
        {"proof": flipped},
        {"proof": [h + b"\0" for h in proof]}, {"proof": [h[:-1] for h in proof]},
        {"leaf": root},
        {"leaf": root, "proof": []},
        {"leaf": GROWN.nodes[(0, (index + 1) % size)]},
        {"root": GROWN.roots[size - 1]}, {"root": tree.EMPTY_ROOT}, {"root": b""},
    ]  # fmt: skip
    if len(proof) > 1:
        forgeries.append({"proof": proof[::-1]})
    for forged in forgeries:
        with pytest.raises(tree.ProofError):
            tree.verify_inclusion(**(good | forged))


@given(st.integers(2, 300), st.data())
@settings(max_examples=150, deadline=None)
def test_forged_consistency_is_refused(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof, root, old_root = GROWN.consistency(old, size), GROWN.roots[size], GROWN.roots[old]
    good: dict[str, Any] = {"old_size": old, "old_root": old_root, "size": size, "root": root, "proof": proof}
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:place], hashlib.sha256(proof[place]).digest(), *proof[place + 1 :]]
    forgeries: list[dict[str, Any]] = [
        {"proof": []}, {"proof": proof[:-1]}, {"proof": proof[1:]},
        {"proof": [*proof, root]}, {"proof": [old_root, *proof]}, {"proof": flipped},
        {"old_root": root, "root": old_root},  # swapped sides
        {"old_size": size, "old_root": root, "size": old, "root": old_root},
        {"old_size": 0}, {"old_size": 0, "old_root": tree.EMPTY_ROOT, "proof": []}, {"old_size": -1},
        {"old_root": hashlib.sha256(old_root).digest()}, {"root": hashlib.sha256(root).digest()},
        {"size": old}, {"old_size": size},
    ]  # fmt: skip
    for forged in forgeries:
        with pytest.raises(tree.ProofError):
            tree.verify_consistency(**(good | forged))


def test_a_changed_history_has_no_consistency_proof() -> None:
    """Change one old leaf: no hash list that the new tree can give leads back to the old root."""
    leaves = numbered(37)
    leaves[11] = b"rewritten"
    forged = Grown(leaves)
    for old in range(12, 37):
        with pytest.raises(tree.ProofError):
            tree.verify_consistency(
                old_size=old, old_root=GROWN.roots[old], size=37, root=forged.roots[37], proof=forged.consistency(old, 37)
            )  # fmt: skip


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    root = GROWN.roots[5]
    tree.verify_consistency(old_size=5, old_root=root, size=5, root=root, proof=[])
    with pytest.raises(tree.ProofError):
        tree.verify_consistency(old_size=5, old_root=root, size=5, root=GROWN.roots[6], proof=[])
    with pytest.raises(tree.ProofError):
        tree.verify_consistency(old_size=5, old_root=root, size=5, root=root, proof=[root])


def test_a_frontier_is_taken_up_again_at_any_size() -> None:
    for size in range(41):
        peaks = [GROWN.nodes[node] for node in tree.cover(0, size)]
        again = tree.Frontier(size, peaks)
        assert again.root() == GROWN.roots[size]
        list(again.append(GROWN.nodes[(0, size)]))
        assert again.root() == GROWN.roots[size + 1]


def test_a_frontier_refuses_the_wrong_number_of_peaks() -> None:
    with pytest.raises(ValueError, match="peaks"):
        tree.Frontier(3, [b"x" * 32])


def test_a_million_leaves_need_at_most_twenty_hashes() -> None:
    size = 1_000_003
    assert max(len(tree.inclusion_ranges(i, size)) for i in range(0, size, 4099)) <= 20
    assert max(len(tree.nodes_of(tree.inclusion_ranges(i, size))) for i in range(0, size, 4099)) <= 40
    assert max(len(tree.consistency_ranges(i, size)) for i in range(1, size, 4099)) <= 21


def test_ranges_outside_the_tree_are_refused() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="not in a tree"):
            tree.inclusion_ranges(index, size)
    for old, size in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="prefix"):
            tree.consistency_ranges(old, size)
