"""Secrets in rows: sealed text (AES-256-GCM) and keyed blind indexes (HMAC-SHA256).

One master key comes from the environment; every purpose gets its own key by HKDF, so that a phone number and an ID
number with the same digits never look alike.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

_VERSION = b"\x01"


@lru_cache(maxsize=256)
def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"boai", info=purpose.encode()).derive(master)


def derived_key(purpose: str) -> bytes:
    """32 bytes for `purpose`, from the master key in settings.BOAI_MASTER_KEY."""
    return _derive(settings.BOAI_MASTER_KEY, purpose)


def seal(plain: str, purpose: str) -> bytes:
    """Encrypt text: version byte ‖ 12-byte nonce ‖ ciphertext and tag. The purpose is bound as associated data."""
    nonce = os.urandom(12)
    return _VERSION + nonce + AESGCM(derived_key(f"seal:{purpose}")).encrypt(nonce, plain.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """Undo `seal`. Raises ValueError when the bytes were not sealed for this purpose with this key."""
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION:
        raise ValueError("unknown seal version")
    try:
        aead = AESGCM(derived_key(f"seal:{purpose}"))
        return aead.decrypt(sealed[1:13], sealed[13:], purpose.encode()).decode()
    except InvalidTag as error:
        raise ValueError("sealed with another key or for another purpose") from error


def blind(text: str, purpose: str) -> bytes:
    """A keyed fingerprint (32 bytes) for equality search on sealed text. Normalise the text first."""
    return hmac.new(derived_key(f"blind:{purpose}"), text.encode(), hashlib.sha256).digest()


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
