"""Roll and ballots cannot be joined: not by id, not by time, not by the place in the file, not by transaction."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from boai.audit.models import AuditEntry
from boai.governance import services
from boai.governance.models import Ballot, BallotBox, Poll, Review, RollEntry
from boai.governance.tests.factories import AT, MakeActor, Panel, panel
from boai.people.models import Branch


def run(sql: str, *args: Any, alias: str = "default") -> list[tuple[object, ...]]:
    """Rows of a query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, args)
        return list(cursor.fetchall())


def refused(sql: str, *args: Any) -> str:
    """The database's answer to a statement that must fail."""
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, args)
    return str(error.value)


def opened(actor_for: MakeActor, county: Branch, size: int = 7) -> tuple[Panel, Review, Poll]:
    """A panel with a ballot open."""
    cast = panel(actor_for, county, size=size)
    review = cast.review(cast.opened())
    return cast, review, services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)


def test_the_application_may_drop_a_ballot_in_and_may_not_look(actor_for: MakeActor, county: Branch) -> None:
    cast, review, _poll = opened(actor_for, county)
    services.ballot_cast(review_id=review.id, actor=cast.members[0], choice="no")
    for sql in (
        "SELECT count(*) FROM governance_ballotbox",
        "SELECT xmin FROM governance_ballotbox",
        "UPDATE governance_ballotbox SET content = 'yes'",
        "DELETE FROM governance_ballotbox",
        "TRUNCATE governance_ballotbox",
        "INSERT INTO governance_ballotbox (id, poll_id, content) VALUES (gen_random_uuid(), gen_random_uuid(), 'yes') RETURNING content",
        "COPY governance_ballotbox TO STDOUT",
    ):
        assert "permission denied" in refused(sql), sql


def test_open_ballots_are_made_by_the_close_alone(actor_for: MakeActor, county: Branch) -> None:
    cast, review, poll = opened(actor_for, county)
    insert = "INSERT INTO governance_ballot (id, poll_id, content) VALUES (gen_random_uuid(), %s, 'yes')"
    assert "permission denied" in refused(insert, poll.id)
    services.ballot_cast(review_id=review.id, actor=cast.members[0], choice="no")
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    for sql in ("UPDATE governance_ballot SET content = 'yes'", "DELETE FROM governance_ballot"):
        assert "permission denied" in refused(sql)


def test_a_stuffed_box_does_not_close(actor_for: MakeActor, county: Branch) -> None:
    """Whoever writes straight into the box without a tick on the roll is found out, and nothing is counted."""
    cast, review, poll = opened(actor_for, county)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_ballotbox (id, poll_id, content) VALUES (%s, %s, 'yes')", [uuid.uuid4(), poll.id]
        )
    with pytest.raises(DatabaseError, match="1 ballots, but 0"), transaction.atomic():
        services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    assert Review.objects.get().state == "ballot_open"
    assert Poll.objects.get().closed_at is None


def test_no_ballot_goes_in_before_or_after(actor_for: MakeActor, county: Branch) -> None:
    cast, review, poll = opened(actor_for, county)
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    insert = "INSERT INTO governance_ballotbox (id, poll_id, content) VALUES (gen_random_uuid(), %s, 'yes')"
    assert "not open" in refused(insert, poll.id)
    assert "not open" in refused(insert, uuid.uuid4())
    assert "not open" in refused("SELECT governance_ballots_close(%s)", poll.id)


def test_the_roll_is_frozen_and_a_tick_stays(actor_for: MakeActor, county: Branch) -> None:
    cast, review, _poll = opened(actor_for, county)
    services.ballot_cast(review_id=review.id, actor=cast.members[0], choice="no")
    for sql in (
        "UPDATE governance_rollentry SET voted = false WHERE voted",
        "UPDATE governance_rollentry SET channel = 'paper' WHERE NOT voted",
        "DELETE FROM governance_rollentry",
        "INSERT INTO governance_rollentry SELECT gen_random_uuid(), region_code, channel, false, member_id, poll_id FROM governance_rollentry",
        "UPDATE governance_poll SET present = present - 1, online_voters = online_voters - 1",
        "UPDATE governance_poll SET rules = '{}'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert RollEntry.objects.filter(voted=True).count() == 1


@pytest.mark.django_db
def test_neither_table_has_a_time_a_sequence_or_a_link() -> None:
    columns = run(
        """SELECT table_name, column_name, data_type, column_default FROM information_schema.columns
           WHERE table_name IN ('governance_ballot', 'governance_ballotbox', 'governance_rollentry')"""
    )
    assert len(columns) >= 10
    for table, column, kind, default in columns:
        assert "time" not in str(kind), (table, column)
        assert default is None, (table, column)
    ballots = {c for t, c, *_ in columns if t != "governance_rollentry"}
    assert ballots == {"id", "poll_id", "content"}
    links = run(
        """SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'
           AND (conrelid::regclass::text IN ('governance_ballot', 'governance_ballotbox')
                OR confrelid::regclass::text IN ('governance_ballot', 'governance_ballotbox'))"""
    )
    assert links == []
    triggers = run(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'governance_ballotbox'::regclass"
    )
    assert triggers == [("governance_box_open",)], "no trigger copies a ballot anywhere"


@pytest.mark.usefixtures("own_database")
def test_after_the_close_nothing_leads_from_a_person_to_a_ballot(actor_for: MakeActor, county: Branch) -> None:
    """Every vote is a transaction of its own here, as in life; the owner of the tables looks at everything there is."""
    size = 40
    cast, review, _poll = opened(actor_for, county, size=size)
    words = ["yes" if n % 2 else "no" for n in range(size)]
    for actor, word in zip(cast.members, words, strict=True):
        services.ballot_cast(review_id=review.id, actor=actor, choice=word)
    before_ids = {row[0] for row in run("SELECT id FROM governance_ballotbox", alias="owner")}
    before_xmin = run("SELECT xmin::text FROM governance_ballotbox", alias="owner")
    assert len(set(before_xmin)) == size, "before the close whoever owns the database could still tell: docs say so"
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)

    assert run("SELECT count(*) FROM governance_ballotbox", alias="owner") == [(0,)]
    ballots = run("SELECT id, xmin::text, ctid::text, content FROM governance_ballot", alias="owner")
    roll = run(
        "SELECT r.id, r.xmin::text, r.ctid::text, m.name, r.voted FROM governance_rollentry r JOIN governance_meetingmember m ON m.id = r.member_id",
        alias="owner",
    )
    assert len(ballots) == len(roll) == size
    assert {b[0] for b in ballots}.isdisjoint(before_ids), "every ballot has a new number"
    assert len({b[1] for b in ballots}) == 1, "one transaction wrote all ballots"
    assert len({r[1] for r in roll}) == 1, "one transaction wrote the whole roll"
    # The order in the file is not the order of voting: neither of the ballots nor of the roll (chance 2 in 40!).
    stored = [str(b[3]) for b in sorted(ballots, key=lambda b: _place(str(b[2])))]
    assert sorted(stored) == sorted(words)
    people = [str(r[3]) for r in sorted(roll, key=lambda r: _place(str(r[2])))]
    assert people != sorted(people)
    assert people != sorted(people, reverse=True)
    matches = sum(a == b for a, b in zip(stored, words, strict=True))
    assert matches not in (0, size)
    # Nothing else in the database was written by the transactions of the votes and still says when.
    assert run(f"SELECT count(*) FROM {AuditEntry._meta.db_table} WHERE type LIKE %s", "%cast%", alias="owner") == [
        (0,)
    ]


def _place(ctid: str) -> tuple[int, int]:
    page, line = ctid.strip("()").split(",")
    return int(page), int(line)


def test_the_models_of_the_box_cannot_be_read_by_mistake(actor_for: MakeActor, county: Branch) -> None:
    opened(actor_for, county)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        list(BallotBox.objects.all())
    assert list(Ballot.objects.all()) == []
