"""Sealed files: what went in comes out; whatever was changed, moved, cut or added does not open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from boai.files.sealing import HEADER_SIZE, TAG_SIZE, Broken, resize, seal_chunks, unseal_chunks

BITS = 4  # chunks of 16 bytes, so that short data have many
SEALED_CHUNK = (1 << BITS) + TAG_SIZE
NAME = "ab/00000000-0000-7000-8000-0000000000ab"
plains = st.binary(max_size=200)


def _cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def _seal(plain: bytes) -> bytes:
    return b"".join(seal_chunks([plain], name=NAME, bits=BITS))


def _open(sealed: bytes, name: str = NAME) -> bytes:
    return b"".join(unseal_chunks([sealed], name=name))


@given(plains, st.lists(st.integers(0, 40), max_size=8), st.lists(st.integers(0, 90), max_size=8))
def test_what_goes_in_comes_out_however_it_is_cut(plain: bytes, ins: list[int], outs: list[int]) -> None:
    sealed = b"".join(seal_chunks(_cut(plain, ins), name=NAME, bits=BITS))
    assert b"".join(unseal_chunks(_cut(sealed, outs), name=NAME)) == plain
    chunks = max(1, -(-len(plain) // (1 << BITS)))
    assert len(sealed) == HEADER_SIZE + len(plain) + chunks * TAG_SIZE


@given(plains, st.data())
def test_a_changed_byte_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(_seal(plain))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Broken):
        _open(bytes(sealed))


@given(plains, st.data())
def test_a_cut_file_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = _seal(plain)
    with pytest.raises(Broken):
        _open(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


@given(st.binary(min_size=32, max_size=200), st.data())
def test_a_file_cut_between_chunks_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = _seal(plain)
    whole = (len(plain) - 1) // (1 << BITS)  # chunks before the last
    with pytest.raises(Broken):
        _open(sealed[: HEADER_SIZE + data.draw(st.integers(0, whole)) * SEALED_CHUNK])


@given(st.binary(min_size=48, max_size=200), st.data())
def test_moved_repeated_and_missing_chunks_do_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = _seal(plain)
    head, body = sealed[:HEADER_SIZE], list(resize([sealed[HEADER_SIZE:]], SEALED_CHUNK))
    order = data.draw(st.lists(st.sampled_from(range(len(body))), min_size=1, max_size=len(body) + 2))
    assume(order != list(range(len(body))))
    with pytest.raises(Broken):
        _open(head + b"".join(body[i] for i in order))


@given(plains, st.binary(min_size=1, max_size=80))
def test_added_bytes_do_not_open(plain: bytes, more: bytes) -> None:
    with pytest.raises(Broken):
        _open(_seal(plain) + more)


@given(st.binary(min_size=40, max_size=100))
def test_chunks_of_another_file_and_another_name_do_not_open(plain: bytes) -> None:
    one, other = _seal(plain), _seal(plain)
    assert one != other
    with pytest.raises(Broken):
        _open(one[: HEADER_SIZE + SEALED_CHUNK] + other[HEADER_SIZE + SEALED_CHUNK :])
    with pytest.raises(Broken):
        _open(one, name=NAME.replace("ab", "cd"))


def test_nothing_of_a_damaged_chunk_is_given_out() -> None:
    sealed = bytearray(_seal(b"a" * 40))
    sealed[HEADER_SIZE + SEALED_CHUNK + 3] ^= 1
    opened = unseal_chunks([bytes(sealed)], name=NAME)
    assert next(opened) == b"a" * 16
    with pytest.raises(Broken, match="chunk 1"):
        next(opened)


def test_plain_text_is_not_in_the_sealed_bytes() -> None:
    assert b"621121195603041234" not in b"".join(seal_chunks([b"621121195603041234" * 10], name=NAME))
