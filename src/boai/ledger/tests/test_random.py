"""Random books: against a model in Python, and from several threads at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from boai.kernel.errors import UnableTo
from boai.kernel.ids import new_id
from boai.ledger.encoding import Line
from boai.ledger.enums import Rule
from boai.ledger.errors import KeyReused, NotEnough
from boai.ledger.models import Document
from boai.ledger.queries import balance, balances, fold_check, trial_balance
from boai.ledger.services import (
    account_close,
    document_post,
    document_release,
    document_reserve,
    document_reverse,
    document_settle,
)
from boai.ledger.tests.factories import WHEN, held, moved, opened

RULES = [Rule.FREE, Rule.CREDIT, Rule.CREDIT, Rule.DEBIT, Rule.DEBIT]
ACCOUNTS = st.integers(0, len(RULES) - 1)
AMOUNTS = st.integers(1, 60)
LINES = st.lists(st.tuples(ACCOUNTS, ACCOUNTS, AMOUNTS).filter(lambda t: t[0] != t[1]), min_size=1, max_size=4)


class Model:
    """The books as a program of ten lines would keep them."""

    def __init__(self) -> None:
        self.sums = [[0, 0, 0, 0] for _ in RULES]  # dr, cr, dr_pend, cr_pend

    def moved(self, changes: list[tuple[int, int, int, int]]) -> list[list[int]] | None:
        """The sums after (debit, credit, amount, reserved) changes; None when an account would give too much."""
        after = [list(s) for s in self.sums]
        for debit, credit, amount, reserved in changes:
            after[debit][0] += amount
            after[credit][1] += amount
            after[debit][2] += reserved
            after[credit][3] += reserved
        for limit, (dr, cr, dr_pend, cr_pend) in zip(RULES, after, strict=True):
            if (limit == Rule.CREDIT and dr + dr_pend > cr) or (limit == Rule.DEBIT and cr + cr_pend > dr):
                return None
        return after


class Books(RuleBasedStateMachine):
    """Posts, reserves, settles, gives up, reverses and replays; the model says what must come out."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.accounts = [opened(limit) for limit in RULES]
        self.open: dict[UUID, list[tuple[int, int, int]]] = {}
        self.posted: list[tuple[UUID, list[tuple[int, int, int]]]] = []
        self.reversed: set[UUID] = set()
        self.calls: list[Callable[[], Document]] = []

    def attempt(
        self, changes: list[tuple[int, int, int, int]], call: Callable[[], Document], key: UUID
    ) -> bool:  # fmt: skip
        after = self.model.moved(changes)
        if after is None:
            with pytest.raises(NotEnough):
                call()
            assert not Document.objects.filter(id=key).exists()
            return False
        assert call().id == key
        self.model.sums = after
        self.calls.append(call)
        return True

    def lines(self, drawn: list[tuple[int, int, int]]) -> list[Line]:
        return [Line(self.accounts[d], self.accounts[c], n) for d, c, n in drawn]

    @rule(drawn=LINES)
    def post(self, drawn: list[tuple[int, int, int]]) -> None:
        key, lines = new_id(), self.lines(drawn)
        if self.attempt(
            [(d, c, n, 0) for d, c, n in drawn],
            lambda: document_post(key=key, kind="test.posted", lines=lines, **WHEN),
            key,
        ):
            self.posted.append((key, drawn))

    @rule(drawn=LINES)
    def reserve(self, drawn: list[tuple[int, int, int]]) -> None:
        key, lines = new_id(), self.lines(drawn)
        if self.attempt(
            [(d, c, 0, n) for d, c, n in drawn],
            lambda: document_reserve(key=key, kind="test.reserved", lines=lines, **WHEN),
            key,
        ):
            self.open[key] = drawn

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        reserved = data.draw(st.sampled_from(sorted(self.open)))
        drawn, key = self.open[reserved], new_id()
        amounts = {i: data.draw(st.integers(0, n)) for i, (_d, _c, n) in enumerate(drawn, 1)}
        changes = [(d, c, amounts[i], -n) for i, (d, c, n) in enumerate(drawn, 1)]
        if self.attempt(
            changes,
            lambda: document_settle(key=key, kind="test.settled", reserved=reserved, amounts=amounts, **WHEN),
            key,
        ):
            del self.open[reserved]
            posted = [(d, c, amounts[i]) for i, (d, c, _n) in enumerate(drawn, 1) if amounts[i]]
            if posted:
                self.posted.append((key, posted))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        reserved = data.draw(st.sampled_from(sorted(self.open)))
        drawn, key = self.open[reserved], new_id()
        if self.attempt(
            [(d, c, 0, -n) for d, c, n in drawn],
            lambda: document_release(key=key, kind="test.released", reserved=reserved, **WHEN),
            key,
        ):
            del self.open[reserved]

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        document, drawn = data.draw(st.sampled_from(self.posted))
        key = new_id()

        def call() -> Document:
            return document_reverse(key=key, kind="test.reversed", document_id=document, **WHEN)

        if document in self.reversed:
            with pytest.raises(UnableTo):
                call()
        elif self.attempt([(c, d, n, 0) for d, c, n in drawn], call, key):
            self.reversed.add(document)
            self.posted.append((key, [(c, d, n) for d, c, n in drawn]))

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Any call again, with its key: nothing moves."""
        count = Document.objects.count()
        data.draw(st.sampled_from(self.calls))()
        assert Document.objects.count() == count

    @invariant()
    def as_the_model_says(self) -> None:
        assert [list(held(a)) for a in self.accounts] == self.model.sums
        assert fold_check() == []


@pytest.mark.django_db
def test_random_documents_come_out_as_the_model_says() -> None:
    class Isolated(Books):
        """Each example in a transaction of its own, rolled back."""

        def __init__(self) -> None:
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    run_state_machine_as_test(
        Isolated,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_threads_neither_make_nor_lose_anything(
    own_database: str, race: Callable[..., list[Any]], seed: int
) -> None:  # fmt: skip
    """Four threads post, reserve, settle and replay at random on the same accounts, lines in any order."""
    accounts = [opened(limit) for limit in RULES]
    for fund in accounts[1:3]:
        moved(accounts[3], fund, 500)

    def work(number: int) -> tuple[int, int]:
        dice = random.Random(seed * 10 + number)
        done, refused, reserved, keys = 0, 0, list[UUID](), list[tuple[UUID, list[Line]]]()
        for _ in range(25):
            pairs = [dice.sample(accounts, 2) for _ in range(dice.randint(1, 4))]
            lines, key = [Line(d, c, dice.randint(1, 80)) for d, c in pairs], new_id()
            try:
                match dice.randrange(4):
                    case 0 if reserved:
                        document_release(key=key, kind="t", reserved=reserved.pop(), **WHEN)
                    case 1:
                        document_reserve(key=key, kind="t", lines=lines, **WHEN)
                        reserved.append(key)
                    case 2 if keys:
                        key, lines = dice.choice(keys)
                        document_post(key=key, kind="t", lines=lines, **WHEN)
                    case _:
                        document_post(key=key, kind="t", lines=lines, **WHEN)
                        keys.append((key, lines))
                done += 1
            except NotEnough:
                refused += 1
        return done, refused

    results = race([lambda n=n: work(n) for n in range(4)])
    assert all(isinstance(r, tuple) for r in results), results
    assert sum(done for done, _refused in results) > 0
    rows = trial_balance()
    assert sum(r.dr for r in rows) == sum(r.cr for r in rows)
    assert sum(r.dr_pend for r in rows) == sum(r.cr_pend for r in rows)
    for limit, account in zip(RULES, accounts, strict=True):
        assert limit == Rule.FREE or balance(account).available >= 0
    assert fold_check() == []


def test_one_key_from_many_threads_happens_once(own_database: str, race: Callable[..., list[Any]]) -> None:
    fund, other, key = opened(Rule.CREDIT), opened(), new_id()
    moved(other, fund, 100)
    results = race([lambda: moved(fund, other, 60, key=key)] * 8)
    assert {r.id for r in results} == {key}
    assert held(fund) == (60, 100, 0, 0)


def test_one_key_for_two_things_at_once_is_one_of_them(own_database: str, race: Callable[..., list[Any]]) -> None:
    fund, other, key = opened(Rule.CREDIT), opened(), new_id()
    moved(other, fund, 100)
    results = race([lambda n=n: moved(fund, other, n, key=key) for n in (10, 20, 30, 40)])
    assert sum(isinstance(r, Document) for r in results) == 1
    assert sum(isinstance(r, KeyReused) for r in results) == 3
    assert held(fund)[0] in (10, 20, 30, 40)


def test_the_last_fen_goes_to_one_of_many(own_database: str, race: Callable[..., list[Any]]) -> None:
    fund, other = opened(Rule.CREDIT), opened()
    moved(other, fund, 100)
    results = race([lambda: moved(fund, other, 30)] * 8)
    assert sum(isinstance(r, Document) for r in results) == 3
    assert sum(isinstance(r, NotEnough) for r in results) == 5
    assert balance(fund).net == 10


def test_a_reservation_is_answered_once(own_database: str, race: Callable[..., list[Any]]) -> None:
    fund, other = opened(Rule.CREDIT), opened()
    moved(other, fund, 100)
    reserved = document_reserve(key=new_id(), kind="t", lines=[Line(fund, other, 100)], **WHEN)
    jobs = [lambda: document_settle(key=new_id(), kind="t", reserved=reserved.id, **WHEN)] * 3
    jobs += [lambda: document_release(key=new_id(), kind="t", reserved=reserved.id, **WHEN)] * 3
    results = race(jobs)
    assert sum(isinstance(r, Document) for r in results) == 1
    assert balances([fund])[fund].dr_pend == 0
    assert fold_check() == []


def test_lines_in_opposite_order_do_not_block_each_other(own_database: str, race: Callable[..., list[Any]]) -> None:
    """Locks are taken in one order, whatever the order of the lines."""
    accounts = [opened() for _ in range(6)]

    def work(order: list[UUID]) -> None:
        for _ in range(40):
            lines = [Line(a, b, 1) for a, b in pairwise(order)]
            document_post(key=new_id(), kind="t", lines=lines, **WHEN)

    results = race([lambda: work(accounts), lambda: work(accounts[::-1]), lambda: work(accounts[3:] + accounts[:3])])
    assert results == [None, None, None]
    assert fold_check() == []


def test_nothing_slips_onto_an_account_that_is_being_closed(own_database: str, race: Callable[..., list[Any]]) -> None:
    for _ in range(10):
        account, other, control = opened(), opened(), opened()
        jobs: list[Callable[[], Any]] = [lambda a=account, o=other: moved(o, a, 5) for _ in range(3)]  # type: ignore[misc]  # bound here
        jobs.append(lambda a=account, c=control: account_close(account_id=a, into_id=c, key=new_id(), **WHEN))  # type: ignore[misc]  # bound here
        results = race(jobs)
        assert not isinstance(results[-1], Exception), results
        went_in = sum(isinstance(r, Document) for r in results[:-1])
        assert balance(account).net == 0
        assert balance(control).net == -5 * went_in
    assert fold_check() == []
