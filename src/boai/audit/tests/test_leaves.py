"""Canonical bytes: what is committed to, and what stands in a leaf."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from boai.audit.leaves import check_type, commitment, leaf_bytes, moment, payload_bytes, plain

AT = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=8)))


def test_leaf_bytes_are_canonical() -> None:
    leaf = leaf_bytes(
        seq=7, type_="relief.case.approved", obj="relief.case:x", at=AT, actor_role="officer", commit=b"\xab" * 32
    )
    assert leaf == (
        b'{"actor_role":"officer","at":"2026-11-24T02:00:00.000000Z","commit":"' + b"ab" * 32 + b'",'
        b'"obj":"relief.case:x","seq":7,"type":"relief.case.approved","v":1}'
    )


@given(st.text(), st.text(), st.integers(0, 2**53 - 1))
def test_leaves_are_rfc_8785_whatever_they_hold(obj: str, role: str, seq: int) -> None:
    made = leaf_bytes(seq=seq, type_="a.b", obj=obj, at=AT, actor_role=role, commit=b"\0")
    assert made == rfc8785.dumps(json.loads(made))


def test_payload_bytes_are_canonical_and_commit_with_the_salt() -> None:
    payload = payload_bytes(
        facts={"z": 1, "甲": "乙", "a": None}, actor_id=None, actor_name="李", region_code="621121000000"
    )
    assert payload.decode() == (
        '{"actor":{"id":null,"name":"李"},"facts":{"a":null,"z":1,"甲":"乙"},"region":"621121000000"}'
    )
    salt = bytes(32)
    assert commitment(salt, payload) == hashlib.sha256(salt + payload).digest()
    with pytest.raises(ValueError, match="32"):
        commitment(salt[1:], payload)


class Colour(StrEnum):
    RED = "red"


def test_facts_become_plain() -> None:
    uid = UUID(int=1)
    facts = {"when": AT, "day": date(2026, 1, 2), "who": uid, "kind": Colour.RED, "many": (1, True), "set": {"b", "a"}}
    assert plain(facts) == {
        "when": "2026-11-24T02:00:00.000000Z", "day": "2026-01-02", "who": str(uid), "kind": "red",
        "many": [1, True], "set": ["a", "b"],
    }  # fmt: skip
    assert type(plain(Colour.RED)) is str


@pytest.mark.parametrize("bad", [1.5, b"bytes", object()])
def test_what_json_cannot_hold_exactly_is_refused(bad: object) -> None:
    with pytest.raises(TypeError):
        plain({"fact": bad})


def test_integers_beyond_json_are_refused() -> None:
    with pytest.raises(ValueError, match="safe integer"):
        payload_bytes(facts={"n": 2**53}, actor_id=None, actor_name="", region_code="")


def test_payload_survives_hostile_text() -> None:
    facts = {"text": '\0\u202e\u2028"\\\n<script>', "lone": "ok"}
    payload = payload_bytes(facts=facts, actor_id=None, actor_name="", region_code="")
    assert json.loads(payload)["facts"] == facts


def test_moments_need_a_zone() -> None:
    assert moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 1, 1))


@pytest.mark.parametrize("bad", ["", "approved", "Relief.case", "relief..x", "relief.case.", "relief case.x", "关.闭"])
def test_types_are_dotted_lower_case(bad: str) -> None:
    with pytest.raises(ValueError, match="audit type"):
        check_type(bad)
