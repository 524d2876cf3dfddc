"""Files at rest: AES-256-GCM (or SM4-GCM, as the settings say) in chunks, so that a large file streams and no chunk
can be changed, moved or left out.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015; age uses it as well). A sealed object is

    "BOAI" ‖ version 2 ‖ log2 of the chunk size ‖ cipher ‖ id of the master key ‖ 32-byte salt ‖ chunk 0 ‖ chunk 1 ‖ …

(version 1: AES-256-GCM, without cipher and id).

Each object has its own key: HKDF-SHA256(master key for files, salt, object name), so an object can't take another's
place either. The nonce of a chunk is its index (11 bytes) and one byte that is 1 for the last chunk only, and the
header is associated data: a swapped, repeated, missing or appended chunk does not open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from boai.kernel.crypto import AES, KEY_ID_SIZE, KEY_SIZES, SM4, Aead, Sm4Gcm, derived_key, key_named, ring
from boai.kernel.crypto import header as key_header

MAGIC = b"BOAI\x02"
_FIRST = b"BOAI\x01"
SALT_SIZE = 32
_NAMED = 1 + KEY_ID_SIZE
HEADER_SIZE = len(MAGIC) + 1 + _NAMED + SALT_SIZE
_FIRST_SIZE = HEADER_SIZE - _NAMED
TAG_SIZE = 16
CHUNK_BITS = 16
"""Plain bytes of a chunk: 2^16 = 64 KiB."""

_SMALLEST, _LARGEST = 4, 22


class Broken(ValueError):
    """The sealed bytes were changed, cut, extended, or sealed under another name or key."""


def seal_chunks(plain: Iterable[bytes], *, name: str, bits: int = CHUNK_BITS) -> Iterator[bytes]:
    """The sealed object for `plain`, piece by piece. `name` is the object's name in the store, bound into the key."""
    header = MAGIC + bytes([bits]) + key_header()[1:] + os.urandom(SALT_SIZE)
    aead = _cipher(header, name)[0]
    yield header
    for index, piece, last in _marked(resize(plain, 1 << bits)):
        yield aead.encrypt(_nonce(index, last=last), piece, header)


def unseal_chunks(sealed: Iterable[bytes], *, name: str) -> Iterator[bytes]:
    """The plain bytes of an object, piece by piece; every piece is authentic before it is given out.

    Raises Broken as soon as something does not fit, at the latest at the end (a file that was cut at a chunk).
    """
    pieces = iter(sealed)
    header, rest = _header(pieces)
    ciphers, size = _cipher(header, name), (1 << header[len(MAGIC)]) + TAG_SIZE
    for index, piece, last in _marked(resize(_chain(rest, pieces), size)):
        if len(piece) < TAG_SIZE or (last and index > 0 and len(piece) == TAG_SIZE):
            raise Broken("cut")
        if index == 0:
            ciphers = [one for one in ciphers if _opens(one, piece, header, last=last)]
        if not ciphers:
            raise Broken(f"chunk {index} does not open")
        try:
            yield ciphers[0].decrypt(_nonce(index, last=last), piece, header)
        except InvalidTag:
            raise Broken(f"chunk {index} does not open") from None


def is_sealed_as(sealed: Iterable[bytes], head: bytes) -> bool:
    """Was an object sealed with the cipher and the key that `head` (of `crypto.header`) names?"""
    start, _rest = _take(iter(sealed), HEADER_SIZE)
    return start.startswith(MAGIC) and start[len(MAGIC) + 1 :][:_NAMED] == head[1:]


def _header(pieces: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The header and what was read beyond it."""
    header, rest = _take(pieces, _FIRST_SIZE)
    if header.startswith(MAGIC):
        more, beyond = _take(pieces, _NAMED - len(rest)) if len(rest) < _NAMED else (b"", b"")
        rest += more
        header, rest = header + rest[:_NAMED], rest[_NAMED:] + beyond
    whole = HEADER_SIZE if header.startswith(MAGIC) else _FIRST_SIZE
    known = header.startswith((MAGIC, _FIRST))
    if not known or len(header) < whole or not _SMALLEST <= header[len(MAGIC)] <= _LARGEST:
        raise Broken("not a sealed file")
    return header, rest


def _opens(aead: Aead, piece: bytes, header: bytes, *, last: bool) -> bool:
    try:
        aead.decrypt(_nonce(0, last=last), piece, header)
    except InvalidTag:
        return False
    return True


def resize(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of exactly `size`, the last one shorter. One empty piece when there are no bytes."""
    buffer = bytearray()
    given = False
    for piece in pieces:
        buffer += piece
        whole = len(buffer) // size * size
        for start in range(0, whole, size):
            given = True
            yield bytes(buffer[start : start + size])
        del buffer[:whole]
    if buffer or not given:
        yield bytes(buffer)


def _cipher(header: bytes, name: str) -> list[Aead]:
    """What may open an object: one cipher, or for version 1, which names no key, one for each of the ring."""
    salt, kind = header[-SALT_SIZE:], AES
    masters = ring()
    if header.startswith(MAGIC):
        kind = header[len(MAGIC) + 1]
        master = key_named(header[len(MAGIC) + 2 :][:KEY_ID_SIZE])
        masters = [master] if master is not None and kind in KEY_SIZES else []
    info = b"boai file " + name.encode()
    keys = [
        HKDF(SHA256(), KEY_SIZES[kind], salt, info).derive(derived_key("files", master=master)) for master in masters
    ]
    return [Sm4Gcm(key) if kind == SM4 else AESGCM(key) for key in keys]


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])


def _marked(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each piece with its index and whether it is the last."""
    index, held = 0, next(pieces)
    for piece in pieces:
        yield index, held, False
        index, held = index + 1, piece
    yield index, held, True


def _take(pieces: Iterator[bytes], size: int) -> tuple[bytes, bytes]:
    """The first `size` bytes (fewer when there are no more) and what was read beyond them."""
    buffer = bytearray()
    while len(buffer) < size:
        piece = next(pieces, None)
        if piece is None:
            break
        buffer += piece
    return bytes(buffer[:size]), bytes(buffer[size:])


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
