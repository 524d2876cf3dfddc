"""Verifying papers and signed states, and running the one-file verifier on what the portal hands out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from boai.audit.models import Checkpoint
from boai.audit.tests.factories import logged, superuser
from boai.governance.models import Notice
from boai.journeys.tests.county import FullCounty
from boai.kernel.scope import EVERYWHERE, NOWHERE, scoped, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.portal.queries import proofs
from boai.relief.models import Receipt
from boai.relief.tests.factories import make_household


def read(public: Client, address: str, **data: str) -> str:
    with scoped(NOWHERE):
        answer = public.post(address, data) if data else public.get(address)
    set_scope(EVERYWHERE)
    return str(answer.content.decode())


@pytest.fixture
def paid(
    own_database: str, actor_for: Callable[..., Actor], county: Branch, at: datetime, tmp_path: Path
) -> tuple[str, str]:
    """A paid case in a log that has been signed: the receipt's code and the notice's."""
    with transaction.atomic():  # a household and its head come together
        home = make_household(at=at)
    case = FullCounty(county, actor_for, at).paid(tmp_path, household=home)
    logged(at=at)
    return Receipt.objects.get(case=case).code, Notice.objects.get().code


@pytest.fixture
def browser_of(county: Branch) -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="zh-CN")


def run_tool(tmp_path: Path, name: str, content: bytes, *words: str) -> subprocess.CompletedProcess[str]:
    """What a citizen does on another computer."""
    file = tmp_path / name
    file.write_bytes(content)
    return subprocess.run(
        [sys.executable, "-I", str(settings.ROOT / "tools" / "boai_verify.py"), str(file), *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_receipt_is_confirmed_without_saying_to_whom(paid: tuple[str, str], browser_of: Client) -> None:
    receipt, _notice = paid
    page = read(browser_of, f"/verify/{receipt}")
    assert "这张收据是真的" in page
    found = Receipt.objects.get()
    assert f"{found.amount_fen // 100:,}" in page
    assert "校验值" in page
    for secret in ("魏", "13800138001", "6228480402564890018", "0018", found.case.code):
        assert secret not in page


def test_typed_codes_lead_to_their_page(paid: tuple[str, str], browser_of: Client) -> None:
    receipt, notice = paid
    with scoped(NOWHERE):
        typed = browser_of.post("/verify/", {"text": f" {receipt[:4].lower()}-{receipt[4:]} "})
        assert typed["Location"] == f"/verify/{receipt}"
        assert browser_of.get(f"/verify/{notice}")["Location"] == f"/notices/{notice}"


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["7KQ2MX9P", "7KQ2MX9PFF", "AAAA", "0", "x" * 200])
def test_what_does_not_exist_is_not_found(public: Client, code: str) -> None:
    with scoped(NOWHERE):
        answer = public.get(f"/verify/{code}")
    assert answer.status_code == 404
    assert "没有查到这个编号" in answer.content.decode()


@pytest.mark.django_db
def test_a_case_code_is_not_a_paper(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.submit()
    with scoped(NOWHERE):
        assert public.get(f"/verify/{case.code}").status_code == 404
        assert public.get(f"/verify/{case.code}/proof.json").status_code == 404


@pytest.mark.parametrize("which", [0, 1])
def test_the_proof_convinces_the_verifier_elsewhere(
    paid: tuple[str, str], browser_of: Client, tmp_path: Path, which: int
) -> None:
    address = f"/verify/{paid[0]}/proof.json" if which == 0 else f"/notices/{paid[1]}/proof.json"
    with scoped(NOWHERE):
        answer = browser_of.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    bundle = json.loads(answer.content)
    assert "payload" not in bundle
    assert "魏" not in answer.content.decode()
    done = run_tool(tmp_path, "proof.json", answer.content, "--key", bundle["vkey"])
    assert done.returncode == 0, done.stdout + done.stderr
    bundle["leaf"] = bundle["leaf"].replace('"v":1', '"v":2')
    forged = run_tool(tmp_path, "forged.json", json.dumps(bundle).encode(), "--key", bundle["vkey"])
    assert forged.returncode != 0


def test_a_kept_head_fits_as_note_and_as_printed(paid: tuple[str, str], browser_of: Client, at: datetime) -> None:
    kept = Checkpoint.objects.order_by("size").first()
    assert kept is not None
    logged(5, at=at)
    for text in (kept.note, kept.short, f"日志 {kept.size} · {bytes(kept.root).hex()[:20]}"):
        page = read(browser_of, "/verify/", text=text)
        assert "对得上" in page, text
        assert f"现在日志有 {kept.size + 5} 条记录" in page
    assert "签名是我们的" in read(browser_of, "/verify/", text=kept.note)


def test_a_changed_head_does_not_fit(paid: tuple[str, str], browser_of: Client) -> None:
    kept = Checkpoint.objects.order_by("size").first()
    assert kept is not None
    other = "0" * 20 if not bytes(kept.root).hex().startswith("0" * 20) else "1" * 20
    assert "对不上" in read(browser_of, "/verify/", text=f"{kept.size} {other}")
    assert "没有查到" in read(browser_of, "/verify/", text=f"{kept.size + 1000} {other}")
    forged = kept.note[:-8] + "AAAAAA=\n"
    assert "对不上" in read(browser_of, "/verify/", text=forged)


def test_a_log_that_was_rewritten_is_caught_by_what_people_kept(
    paid: tuple[str, str], browser_of: Client, own_database: str, at: datetime
) -> None:
    """Somebody with all power over the database changes an old part of the tree: what people kept stops fitting."""
    kept = Checkpoint.objects.order_by("size").first()
    assert kept is not None
    logged(3, at=at)
    with superuser(own_database) as admin:
        admin.execute("UPDATE audit_node SET hash = sha256('y'::bytea)")
    verdict = proofs.by_head(kept.note)
    assert verdict is not None
    assert verdict.same
    assert not verdict.grown
    assert "对不上" in read(browser_of, "/verify/", text=kept.note)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "你好", "1 2 3", "<script>alert(1)</script>", "\x00", "9" * 4000])
def test_nonsense_is_answered_calmly(public: Client, text: str) -> None:
    with scoped(NOWHERE):
        answer = public.post("/verify/", {"text": text})
    assert answer.status_code in (302, 422)
    assert "<script>alert" not in answer.content.decode()


def test_heads_their_consistency_and_the_tool_can_be_taken_away(
    paid: tuple[str, str], browser_of: Client, at: datetime, tmp_path: Path
) -> None:
    kept = Checkpoint.objects.order_by("size").first()
    assert kept is not None
    logged(4, at=at)
    page = read(browser_of, "/checkpoints/")
    assert kept.short in page
    assert kept.vkey.split("+")[0] in page
    note = browser_of.get(f"/checkpoints/{kept.size}.txt")
    assert note.content.decode() == kept.note
    assert "immutable" in note["Cache-Control"]
    consistency = browser_of.get(f"/checkpoints/{kept.size}/consistency.json")
    done = run_tool(tmp_path, "consistency.json", consistency.content, "--key", kept.vkey)
    assert done.returncode == 0, done.stdout + done.stderr
    tool = browser_of.get("/verify/boai_verify.py").content
    assert tool == (settings.ROOT / "tools" / "boai_verify.py").read_bytes()
    assert browser_of.get("/checkpoints/999999.txt").status_code == 404
