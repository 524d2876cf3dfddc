"""Rule R1 against a slow oracle in fractions, and its edges."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.governance.enums import Base, Threshold
from boai.governance.rules.majority import (
    Attendance,
    Count,
    ReviewRules,
    item_quorum,
    majority_base,
    meeting_quorum,
    passes,
    recount_needed,
    survives,
    too_few_entitled,
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[ReviewRules, Attendance, Count]:
    """A ballot that could have happened: nobody votes who was not there."""
    roll = draw(st.integers(0, 40))
    recused = draw(st.integers(0, roll))
    present = draw(st.integers(0, roll - recused))
    signed_in = draw(st.integers(present, min(roll, present + recused)))
    marks = draw(st.lists(st.sampled_from("yxabi"), max_size=present))
    count = Count(*(marks.count(c) for c in "yxabi"))
    rules = ReviewRules(
        quorum=draw(st.sampled_from([(2, 3), (1, 2), (1, 1), (4, 5)])),
        base=draw(st.sampled_from(Base)),
        threshold=draw(st.sampled_from(Threshold)),
        min_reviewers=draw(st.integers(1, 9)),
        min_members=9,
    )
    return rules, Attendance(roll, recused, signed_in, present), count


def oracle(rules: ReviewRules, attendance: Attendance, count: Count) -> bool:
    """The rule in fractions, as a lawyer would read it."""
    base = {
        Base.PRESENT: attendance.present,
        Base.CAST: count.yes + count.no,
        Base.ENTITLED: attendance.roll - attendance.recused,
    }[rules.base]
    if base == 0:
        return False
    share = Fraction(count.yes, base)
    return share > Fraction(1, 2) if rules.threshold == Threshold.HALF else share >= Fraction(2, 3)


@given(situations())
def test_the_rule_is_the_fraction(situation: tuple[ReviewRules, Attendance, Count]) -> None:
    rules, attendance, count = situation
    assert passes(rules, attendance, count) == oracle(rules, attendance, count)
    assert 0 <= majority_base(rules, attendance, count) <= attendance.roll


@given(situations())
def test_quorums_are_fractions(situation: tuple[ReviewRules, Attendance, Count]) -> None:
    rules, attendance, _count = situation
    part, whole = rules.quorum
    wanted = attendance.roll > 0 and Fraction(attendance.signed_in, attendance.roll) >= Fraction(part, whole)
    assert meeting_quorum(rules, signed_in=attendance.signed_in, roll=attendance.roll) == wanted
    more_than_half = attendance.entitled > 0 and Fraction(attendance.present, attendance.entitled) > Fraction(1, 2)
    assert item_quorum(rules, attendance) == (more_than_half and attendance.present >= rules.min_reviewers)
    if too_few_entitled(rules, attendance):
        assert not item_quorum(rules, attendance)


@pytest.mark.parametrize("base", list(Base))
@pytest.mark.parametrize("half", range(1, 30))
def test_exactly_half_is_not_passed_and_one_more_is(base: Base, half: int) -> None:
    rules = ReviewRules(base=base)
    everybody = Attendance(2 * half, 0, 2 * half, 2 * half)
    assert not passes(rules, everybody, Count(half, half, 0))
    assert passes(rules, everybody, Count(half + 1, half - 1, 0))


def test_blank_invalid_and_abstain_count_against_those_present() -> None:
    attendance = Attendance(8, 0, 8, 8)
    for against in ("abstain", "blank", "invalid", "no"):
        words = {"yes": 4, "no": 0, "abstain": 0, "blank": 0, "invalid": 0, against: 4}
        assert not passes(ReviewRules(base=Base.PRESENT), attendance, Count(**words)), against
    assert passes(ReviewRules(base=Base.CAST), attendance, Count(4, 0, 4))
    assert not passes(ReviewRules(base=Base.ENTITLED), Attendance(9, 0, 8, 8), Count(4, 0, 0))


def test_two_thirds_is_enough_at_exactly_two_thirds() -> None:
    rules = ReviewRules(threshold=Threshold.TWO_THIRDS)
    assert passes(rules, Attendance(9, 0, 9, 9), Count(6, 3, 0))
    assert not passes(rules, Attendance(10, 0, 10, 10), Count(6, 4, 0))


def test_an_empty_roll_has_no_quorum_and_nobody_passes_anything() -> None:
    rules = ReviewRules()
    assert not meeting_quorum(rules, signed_in=0, roll=0)
    assert not passes(rules, Attendance(0, 0, 0, 0), Count(0, 0, 0))
    assert not passes(ReviewRules(base=Base.CAST), Attendance(7, 0, 7, 7), Count(0, 0, 7))


@given(situations(), st.integers(1, 4))
def test_an_outcome_stands_only_if_no_change_of_the_conflicted_ballots_turns_it(
    situation: tuple[ReviewRules, Attendance, Count], conflicted: int
) -> None:
    rules, attendance, count = situation
    have = {"y": count.yes, "x": count.no, "a": count.abstain, "b": count.blank, "i": count.invalid}
    stands = survives(rules, attendance, count, conflicted=conflicted)
    turned = False
    # every way in which up to `conflicted` ballots of any kind become yes or no
    for taken in product(*(range(min(conflicted, n) + 1) for n in have.values())):
        moved = sum(taken)
        if moved > conflicted:
            continue
        left = [n - t for n, t in zip(have.values(), taken, strict=True)]
        for to_yes in range(moved + 1):
            other = Count(left[0] + to_yes, left[1] + moved - to_yes, *left[2:])
            turned |= passes(rules, attendance, other) != passes(rules, attendance, count)
    assert stands == (not turned)


def test_a_narrow_result_is_counted_again_and_a_clear_one_is_not() -> None:
    rules = ReviewRules(recount_ballots=2, recount_percent=2)
    hundred = Attendance(400, 0, 400, 400)
    assert recount_needed(rules, hundred, Count(204, 196, 0))
    assert recount_needed(rules, hundred, Count(208, 192, 0)), "2 % of 400 valid ballots are 8"
    assert not recount_needed(rules, hundred, Count(209, 191, 0))
    assert not recount_needed(ReviewRules(recount_ballots=0, recount_percent=0), hundred, Count(201, 199, 0))


def test_rules_survive_their_json() -> None:
    rules = ReviewRules(quorum=(1, 2), base=Base.CAST, versions=("a", "b"), citation="某办法第三条")
    assert ReviewRules.from_json(rules.as_json()) == rules


@pytest.mark.parametrize("wrong", [{"quorum": (0, 3)}, {"quorum": (4, 3)}, {"min_reviewers": 0}, {"min_members": 3}])
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="quorum"):
        ReviewRules(**wrong)  # type: ignore[arg-type]  # wrong on purpose
