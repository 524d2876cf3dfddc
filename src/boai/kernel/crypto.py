"""Secrets in rows: sealed text and keyed blind indexes (HMAC-SHA256), under master keys that can be changed.

The ring of master keys comes from the environment: the present one, with which everything new is sealed, and older
ones that still open what they sealed (docs/adr/030). Every purpose gets its own key by HKDF, so that a phone number and
an ID number with the same digits never look alike. A sealed text begins with

    version 2 ‖ cipher (1 = AES-256-GCM, 2 = SM4-GCM) ‖ 4 bytes that name the master key ‖ 12-byte nonce

and that header, together with the purpose, is associated data. Version 1 (AES-256-GCM, no key named) is still opened.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

AES, SM4 = 1, 2
CIPHERS = {"aes-256-gcm": AES, "sm4-gcm": SM4}
HEADER_SIZE = 6
KEY_ID_SIZE = 4
_FIRST, _SECOND = 1, 2
_NONCE, _TAG = 12, 16
KEY_SIZES = {AES: 32, SM4: 16}
_WRONG = "sealed with another key or for another purpose"


class Aead(Protocol):
    """An authenticated cipher with a key."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes. Raises InvalidTag."""


class Sm4Gcm:
    """SM4 in Galois/counter mode (GB/T 32907, GB/T 36624) behind the same two verbs as AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._sm4 = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        encryptor = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes. Raises InvalidTag."""
        if len(data) < _TAG:
            raise InvalidTag
        decryptor = Cipher(self._sm4, modes.GCM(nonce, data[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-_TAG]) + decryptor.finalize()


@lru_cache(maxsize=512)
def _derive(master: bytes, purpose: str, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=b"boai", info=purpose.encode()).derive(master)


@lru_cache(maxsize=16)
def key_id(master: bytes) -> bytes:
    """4 bytes that name a master key and tell nothing about it."""
    return _derive(master, "key id", KEY_ID_SIZE)


def ring() -> list[bytes]:
    """The master keys, the present one first."""
    return [settings.BOAI_MASTER_KEY, *settings.BOAI_OLD_MASTER_KEYS]


def key_named(name: bytes) -> bytes | None:
    """The master key of the ring that has this id; None when it is no longer (or not yet) there."""
    return next((master for master in ring() if key_id(master) == name), None)


def derived_key(purpose: str, *, master: bytes | None = None) -> bytes:
    """32 bytes for `purpose`, from the present master key or from `master`."""
    return _derive(master or settings.BOAI_MASTER_KEY, purpose)


def header() -> bytes:
    """How everything sealed from now on begins: whatever begins otherwise is to be sealed anew."""
    return _header(settings.BOAI_MASTER_KEY, settings.BOAI_CIPHER)


def _header(master: bytes, cipher: str) -> bytes:
    return bytes([_SECOND, CIPHERS[cipher]]) + key_id(master)


@lru_cache(maxsize=128)
def _sealing(master: bytes, cipher: str, purpose: str) -> tuple[bytes, bytes, Aead]:
    """The header, the associated data and the cipher of everything that is sealed for a purpose."""
    head = _header(master, cipher)
    return head, head + purpose.encode(), _aead(head[1], master, purpose)


def seal(plain: str, purpose: str) -> bytes:
    """Encrypt text with the present key: header ‖ nonce ‖ ciphertext and tag."""
    head, bound, aead = _sealing(settings.BOAI_MASTER_KEY, settings.BOAI_CIPHER, purpose)
    nonce = os.urandom(_NONCE)
    return head + nonce + aead.encrypt(nonce, plain.encode(), bound)


def unseal(sealed: bytes, purpose: str) -> str:
    """Undo `seal`. Raises ValueError when the bytes were not sealed for this purpose with a key of the ring."""
    sealed = bytes(sealed)
    if sealed[:1] == bytes([_FIRST]):
        return _unseal_first(sealed, purpose)
    if sealed[:1] != bytes([_SECOND]):
        raise ValueError("unknown seal version")
    head, nonce, rest = sealed[:HEADER_SIZE], sealed[HEADER_SIZE:][:_NONCE], sealed[HEADER_SIZE + _NONCE :]
    master = key_named(head[2:])
    if master is None:
        raise ValueError(_WRONG)
    try:
        return _aead(head[1], master, purpose).decrypt(nonce, rest, head + purpose.encode()).decode()
    except InvalidTag:
        raise ValueError(_WRONG) from None


def _unseal_first(sealed: bytes, purpose: str) -> str:
    for master in ring():
        try:
            return _aead(AES, master, purpose).decrypt(sealed[1:13], sealed[13:], purpose.encode()).decode()
        except InvalidTag:
            continue
    raise ValueError(_WRONG)


@lru_cache(maxsize=256)
def _aead(cipher: int, master: bytes, purpose: str) -> Aead:
    if cipher == SM4:
        return Sm4Gcm(_derive(master, f"seal-sm4:{purpose}", KEY_SIZES[SM4]))
    return AESGCM(_derive(master, f"seal:{purpose}"))


def blind(text: str, purpose: str, *, master: bytes | None = None) -> bytes:
    """A keyed fingerprint (32 bytes) for equality search on sealed text. Normalise the text first."""
    return hmac.digest(derived_key(f"blind:{purpose}", master=master), text.encode(), "sha256")


def blinds(text: str, purpose: str) -> list[bytes]:
    """The fingerprints of a text under every key of the ring: what to search for while keys are being changed."""
    return [blind(text, purpose, master=master) for master in ring()]


class BlindField(models.BinaryField):  # type: ignore[type-arg]  # generic only for the checker
    """The blind index of a sealed field of the same row: `of` names it, `purpose` the key, `read` takes the indexed
    part out of the sealed text. To the database it is plain bytes; changing keys finds by it what to compute anew."""

    def __init__(
        self, *args: Any, of: str = "", purpose: str = "", read: Callable[[str], str] | None = None, **kwargs: Any
    ) -> None:
        self.of, self.purpose, self.read = of, purpose, read
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """What is saved is taken from the text that is saved beside it: a row may have been read before the key was
        changed, or brought back from an undo."""
        value = getattr(model_instance, self.attname)
        plain = getattr(model_instance, self.of) if self.of else ""
        if value is None or not isinstance(plain, str) or not plain:
            return value
        value = self.fingerprint(plain)
        setattr(model_instance, self.attname, value)
        return value

    def fingerprint(self, plain: str) -> bytes:
        """The index of a sealed text."""
        return blind(self.read(plain) if self.read else plain, self.purpose)


class SealedTextField(models.Field):  # type: ignore[type-arg]  # generic only for the checker
    """Text that is encrypted in the database; empty text is stored as empty bytes. Not searchable: see `blind`."""

    empty_strings_allowed = True

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["purpose"] = self.purpose
        if kwargs.get("default") == "":
            del kwargs["default"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, (bytes, memoryview)):
            return value
        return seal(str(value), self.purpose) if value else b""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        return unseal(value, self.purpose) if len(value) else ""

    def value_to_string(self, obj: Any) -> str:
        return str(self.value_from_object(obj))
