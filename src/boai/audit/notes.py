"""Signed heads of the log: C2SP tlog-checkpoint text in a C2SP signed note (Ed25519). Pure.

https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint. The formats are those of Go's checksum database and
of public witnesses, so that others' programs can read, check and co-sign what we publish.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from boai.audit.tree import HASH_SIZE

ED25519 = b"\x01"
DASH = "\u2014 "
MAX_SIGNATURES = 16


class NoteError(ValueError):
    """The note is malformed, or not signed by the key we know."""


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def short(self) -> str:
        """Size and the first 20 hex digits of the root: what is printed on paper notices."""
        return f"{self.size} {self.root.hex()[:20]}"


@dataclass(frozen=True)
class Key:
    """A public key with its name; its text form is the signed-note verifier key `name+id+base64`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ newline ‖ 0x01 ‖ public key), first four bytes."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read a verifier key; its id must be the one that name and key give. Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        hint, _, encoded = rest.partition("+")
        material = _decode(encoded)
        key = cls(name, material[1:])
        if not _is_name(name) or material[:1] != ED25519 or len(material) != 33 or key.id.hex() != hint:
            raise NoteError("not an Ed25519 verifier key")
        return key


class Signer:
    """Signs notes with an Ed25519 seed of 32 bytes under a key name."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not _is_name(name):
            raise NoteError("a key name has no spaces and no plus sign")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: text, blank line, one signature line."""
        signature = base64.b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"{text}\n{DASH}{self.key.name} {signature}\n"


def open_note(note: str, key: Key) -> str:
    """The text of a note that carries a valid signature of `key`; other keys' lines are ignored. Raises NoteError."""
    text, blank, tail = note.rpartition("\n\n")
    if not blank or any(ord(c) < 32 and c != "\n" for c in note) or not tail.endswith("\n"):
        raise NoteError("not a signed note")
    text += "\n"
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("too many signatures")
    for line in lines:
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        if not line.startswith(DASH) or not _is_name(name):
            raise NoteError("not a signature line")
        signature = _decode(encoded)
        if (name, signature[:4]) == (key.name, key.id):
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
            except InvalidSignature:
                raise NoteError("the signature is wrong") from None
            return text
    raise NoteError("not signed by this key")


def parse_head(text: str) -> Head:
    """Read checkpoint text (extension lines are allowed and ignored). Raises NoteError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoteError("not a checkpoint")
    origin, size, root = lines[0], lines[1], _decode(lines[2])
    if not (size.isascii() and size.isdigit()) or (size != "0" and size[0] == "0") or len(root) != HASH_SIZE:
        raise NoteError("not a checkpoint")
    return Head(origin, int(size), root)


def open_checkpoint(note: str, key: Key) -> Head:
    """The head in a checkpoint that `key` signed for its own origin. Raises NoteError."""
    head = parse_head(open_note(note, key))
    if head.origin != key.name:
        raise NoteError("the checkpoint belongs to another log")
    return head


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("not base64") from None
