"""Signed notes against vectors of others, and against forgeries."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.audit.notes import Head, Key, NoteError, Signer, open_checkpoint, open_note, parse_head

# From the documentation of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SEED = bytes(range(32))
ORIGIN = "boai.example.org/log/sha256"
SIGNER = Signer(ORIGIN, SEED)
HEAD = Head(ORIGIN, 20852163, bytes(range(100, 132)))


def note() -> str:
    return SIGNER.sign(HEAD.text())


def test_go_reference_note() -> None:
    assert open_note(GO_NOTE, Key.parse(GO_KEY)) == GO_NOTE.split("\n\n")[0] + "\n"


def test_rfc_8032_key_of_a_known_seed() -> None:
    """RFC 8032 §7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Signer("a", seed).key.public.hex() == public


def test_text_is_that_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert parse_head(text).text() == text


def test_round_trip() -> None:
    assert open_checkpoint(note(), Key.parse(str(SIGNER.key))) == HEAD
    assert HEAD.short == "20852163 6465666768696a6b6c6d"


def test_other_signatures_are_ignored_and_ours_is_found() -> None:
    witness = Signer("witness.example", bytes(32)).sign(HEAD.text()).rsplit("\n\n", 1)[1]
    assert open_checkpoint(note() + witness, SIGNER.key) == HEAD
    with pytest.raises(NoteError, match="not signed by this key"):
        open_note(HEAD.text() + "\n" + witness, SIGNER.key)


@given(st.integers(0, 400), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    raw = bytearray(note().encode())
    raw[place % len(raw)] ^= change
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(NoteError):
        open_checkpoint(text, SIGNER.key)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "\n\n",
        HEAD.text(),
        note().rstrip("\n"),
        note() + "\n",
        note().replace("\n", "\r\n"),
        note().replace("\u2014", "-"),
        note() * 2,
        HEAD.text() + "\n" + note().rsplit("\n\n", 1)[1] * 17,
    ],
)
def test_malformed_notes_are_refused(broken: str) -> None:
    with pytest.raises(NoteError):
        open_checkpoint(broken, SIGNER.key)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n01\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n-1\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n\u0661\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n1\nnot base64\n",
        f"\n1\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n1\n{base64.b64encode(bytes(32)).decode()}",
        f"{ORIGIN}\n1\n",
    ],
)
def test_malformed_heads_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_head(text)


def test_a_head_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match="another log"):
        open_checkpoint(SIGNER.sign(Head("other.example/log", 1, bytes(32)).text()), SIGNER.key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("PeterNeumann", "SomebodyElse"),
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY[:-4],
    ],
)
def test_malformed_keys_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Key.parse(text)


def test_names_have_no_spaces_or_plus() -> None:
    for name in ("", "a b", "a+b", "a\u3000b"):
        with pytest.raises(NoteError):
            Signer(name, SEED)
