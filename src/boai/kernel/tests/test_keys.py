"""The ring of master keys, the ciphers, and that every fingerprint in a model is known to the change of keys."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel import crypto
from boai.kernel.rekeying import places

OLD, NEW = b"o" * 32, b"n" * 32

# Fingerprints that no `BlindField` describes, and what follows them when the key changes.
FOLLOWED = {
    "relief_case.person_blind": "relief.rekeying.cases_follow: the number stands in another table",
    "relief_case_door.blind": "relief.rekeying.doors_follow",
}


@pytest.fixture(autouse=True)
def _keys(settings: object) -> None:
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = OLD, []  # type: ignore[attr-defined]  # pytest-django's settings
    settings.BOAI_CIPHER = "aes-256-gcm"  # type: ignore[attr-defined]  # pytest-django's settings


def _first_version(plain: str, purpose: str, master: bytes) -> bytes:
    nonce = b"123456789012"
    key = crypto.derived_key(f"seal:{purpose}", master=master)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, plain.encode(), purpose.encode())


def test_what_an_older_key_sealed_is_opened_until_it_leaves_the_ring(settings: object) -> None:
    before = crypto.seal("13800000000", "phone")
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = NEW, [OLD]  # type: ignore[attr-defined]  # pytest-django's settings
    after = crypto.seal("13800000000", "phone")
    assert crypto.unseal(before, "phone") == crypto.unseal(after, "phone") == "13800000000"
    assert (before[:6] == crypto.header(), after[:6] == crypto.header()) == (False, True)
    settings.BOAI_OLD_MASTER_KEYS = []  # type: ignore[attr-defined]  # pytest-django's settings
    with pytest.raises(ValueError, match="another key"):
        crypto.unseal(before, "phone")
    assert crypto.unseal(after, "phone") == "13800000000"


def test_the_first_version_of_a_seal_is_still_opened(settings: object) -> None:
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = NEW, [OLD]  # type: ignore[attr-defined]  # pytest-django's settings
    for master in (OLD, NEW):
        assert crypto.unseal(_first_version("旧", "note", master), "note") == "旧"
    with pytest.raises(ValueError, match="another key"):
        crypto.unseal(_first_version("旧", "note", b"x" * 32), "note")


@pytest.mark.parametrize("cipher", list(crypto.CIPHERS))
@given(text=st.text(max_size=80))
def test_every_cipher_brings_the_text_back(cipher: str, text: str) -> None:
    from django.test.utils import override_settings

    with override_settings(BOAI_CIPHER=cipher):
        sealed = crypto.seal(text, "note")
        assert sealed[1] == crypto.CIPHERS[cipher]
    assert crypto.unseal(sealed, "note") == text  # whatever the settings say now
    for place in (1, 8, len(sealed) - 1):
        bent = bytearray(sealed)
        bent[place] ^= 3
        with pytest.raises(ValueError, match="another key"):
            crypto.unseal(bytes(bent), "note")
    with pytest.raises(ValueError, match="another key"):
        crypto.unseal(sealed, "fact")


def test_sm4_is_the_standard_one() -> None:
    """RFC 8998 A.1: SM4-GCM."""
    key, nonce = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert crypto.Sm4Gcm(key).encrypt(nonce, plain, bound) == sealed
    assert crypto.Sm4Gcm(key).decrypt(nonce, sealed, bound) == plain


def test_fingerprints_are_looked_for_under_every_key(settings: object) -> None:
    before = crypto.blind("1", "phone")
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = NEW, [OLD]  # type: ignore[attr-defined]  # pytest-django's settings
    assert crypto.blinds("1", "phone") == [crypto.blind("1", "phone"), before]


@pytest.mark.django_db
def test_no_sealed_column_and_no_fingerprint_is_forgotten() -> None:
    found = {place.table: place for place in places()}
    assert len(found) > 15, "the list itself is broken"
    forgotten = [
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField)
        and "blind" in field.name
        and not (isinstance(field, crypto.BlindField) and field.of)
    ]
    assert sorted(forgotten) == sorted(FOLLOWED)
    with connection.cursor() as cursor:
        for place in found.values():
            cursor.execute(f'SELECT count(*) FROM "{place.table}" WHERE {place.stale}', {"head": crypto.header()})
