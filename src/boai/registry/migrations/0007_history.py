"""The past of households: memberships and places that ended, and the events that ended them."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity

TABLES = ("registry_membership", "registry_pastplace", "registry_householdevent")

# What ends is written down by the database, whoever ends it: a new `since` (`placed_on`) says from which day something
# else holds. Without a new day a change is a correction of what was written, and leaves no past.
KEEP = """
CREATE FUNCTION registry_keep_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    began date := coalesce(OLD.since, (OLD.created_at AT TIME ZONE 'Asia/Shanghai')::date);
    until date := least(NEW.since, OLD.ended_on);
BEGIN
    IF NEW.since IS NOT NULL AND began < until THEN
        INSERT INTO registry_membership (resident_id, household_id, region_code, relation, end_reason, during)
        VALUES (OLD.id, OLD.household_id, OLD.region_code, OLD.relation, OLD.end_reason, daterange(began, until));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registry_resident_past AFTER UPDATE OF since ON registry_resident FOR EACH ROW
    WHEN (NEW.since IS DISTINCT FROM OLD.since AND (NEW.household_id, NEW.relation, NEW.ended_on)
          IS DISTINCT FROM (OLD.household_id, OLD.relation, OLD.ended_on))
    EXECUTE FUNCTION registry_keep_membership();

CREATE FUNCTION registry_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE began date := coalesce(OLD.placed_on, (OLD.created_at AT TIME ZONE 'Asia/Shanghai')::date);
BEGIN
    IF NEW.placed_on IS NOT NULL AND began < NEW.placed_on THEN
        INSERT INTO registry_pastplace (household_id, region_code, address, during)
        VALUES (OLD.id, OLD.region_code, OLD.address, daterange(began, NEW.placed_on));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registry_household_past AFTER UPDATE OF placed_on ON registry_household FOR EACH ROW
    WHEN (NEW.placed_on IS DISTINCT FROM OLD.placed_on
          AND (NEW.region_code, NEW.address) IS DISTINCT FROM (OLD.region_code, OLD.address))
    EXECUTE FUNCTION registry_keep_place();
"""
KEEP_BACK = """
DROP TRIGGER registry_household_past ON registry_household;
DROP FUNCTION registry_keep_place();
DROP TRIGGER registry_resident_past ON registry_resident;
DROP FUNCTION registry_keep_membership();
"""

# Exactly one head at every moment, the past included: in each household the days of its heads follow each other without
# a gap and without two on one day. Asked when the transaction ends, and only of households that have a past.
CHAIN = """
CREATE FUNCTION registry_heads_follow(which uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    WITH span AS (
        SELECT lower(during) AS began, upper(during) AS until FROM registry_membership
        WHERE household_id = which AND relation = 'head'
        UNION ALL
        SELECT coalesce(since, (created_at AT TIME ZONE 'Asia/Shanghai')::date), ended_on FROM registry_resident
        WHERE household_id = which AND relation = 'head'),
    chain AS (SELECT began, lag(until) OVER w AS before, row_number() OVER w AS place FROM span
              WHERE began < until OR until IS NULL WINDOW w AS (ORDER BY began))
    SELECT NOT EXISTS (SELECT FROM chain WHERE place > 1 AND before IS DISTINCT FROM began)
$$;
CREATE FUNCTION registry_check_heads() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE which uuid;
BEGIN
    FOREACH which IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.household_id] WHEN 'DELETE' THEN ARRAY[OLD.household_id]
                           ELSE ARRAY[OLD.household_id, NEW.household_id] END LOOP
        IF EXISTS (SELECT FROM registry_membership WHERE household_id = which)
           AND NOT registry_heads_follow(which) THEN
            RAISE EXCEPTION 'household % had two heads or none on some day', which
                USING ERRCODE = 'check_violation', CONSTRAINT = 'registry_heads_follow';
        END IF;
    END LOOP;
    IF TG_TABLE_NAME = 'registry_resident' THEN
        IF EXISTS (SELECT FROM registry_resident r JOIN registry_membership m ON m.resident_id = r.id WHERE r.id = NEW.id
                   AND upper(m.during) > coalesce(r.since, (r.created_at AT TIME ZONE 'Asia/Shanghai')::date)) THEN
            RAISE EXCEPTION 'resident % belonged to two households on some day', NEW.id
                USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'registry_one_household_a_day';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER registry_membership_heads AFTER INSERT OR UPDATE OR DELETE ON registry_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_heads();
CREATE CONSTRAINT TRIGGER registry_resident_heads
    AFTER UPDATE OF relation, household_id, ended_on, since ON registry_resident
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.household_id, NEW.relation, NEW.ended_on, NEW.since)
          IS DISTINCT FROM (OLD.household_id, OLD.relation, OLD.ended_on, OLD.since))
    EXECUTE FUNCTION registry_check_heads();
"""
CHAIN_BACK = """
DROP TRIGGER registry_resident_heads ON registry_resident;
DROP TRIGGER registry_membership_heads ON registry_membership;
DROP FUNCTION registry_check_heads();
DROP FUNCTION registry_heads_follow(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_fixes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.AddField(
            model_name="household",
            name="placed_on",
            field=models.DateField(blank=True, null=True, verbose_name="lives here since"),
        ),
        migrations.AddField(
            model_name="resident",
            name="since",
            field=models.DateField(blank=True, null=True, verbose_name="in this household, as this, since"),
        ),
        migrations.CreateModel(
            name="HouseholdEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("birth", "Birth"),
                            ("death", "Death"),
                            ("marriage", "Marriage"),
                            ("move", "Move"),
                            ("head", "New head of household"),
                            ("split", "Household divided"),
                            ("merge", "Households joined"),
                            ("place", "Household moved house"),
                            ("leave", "Left the household"),
                            ("return", "Came back"),
                            ("added", "Entered late"),
                            ("closed", "Household closed"),
                        ],
                        max_length=10,
                        verbose_name="kind of event",
                    ),
                ),
                ("day", models.DateField(verbose_name="on")),
                ("changes", models.JSONField()),
                ("note", boai.kernel.crypto.SealedTextField(purpose="registry.event.note", verbose_name="note")),
                ("made_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.household",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.household",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.resident"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "household event",
                "indexes": [
                    models.Index(fields=["household", "-day"], name="registry_event_household"),
                    models.Index(
                        condition=models.Q(("other__isnull", False)), fields=["other"], name="registry_event_other"
                    ),
                    models.Index(fields=["region_code", "-made_at"], name="registry_event_place"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("undone_at__isnull", False), ("undone_by__isnull", True), _connector="OR"),
                        name="registry_event_undone_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("head", "Head of household"),
                            ("spouse", "Spouse"),
                            ("son", "Son"),
                            ("daughter", "Daughter"),
                            ("child_in_law", "Son- or daughter-in-law"),
                            ("father", "Father"),
                            ("mother", "Mother"),
                            ("parent_in_law", "Parent-in-law"),
                            ("grandson", "Grandson"),
                            ("granddaughter", "Granddaughter"),
                            ("grandparent", "Grandparent"),
                            ("sibling", "Brother or sister"),
                            ("relative", "Other relative"),
                            ("other", "Not related"),
                        ],
                        max_length=16,
                        verbose_name="relation to the head",
                    ),
                ),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("death", "Died"),
                            ("moved", "Moved away"),
                            ("married", "Married into another household"),
                            ("mistake", "Entered by mistake"),
                            ("merged", "Stood twice and was merged"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="during")),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.household",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.resident",
                    ),
                ),
            ],
            options={
                "verbose_name": "past membership",
                "indexes": [
                    models.Index(fields=["household"], name="registry_membership_household"),
                    models.Index(fields=["region_code"], name="registry_membership_place"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("resident", "="), ("during", "&&")], name="registry_one_household_a_day"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("relation", "head")),
                        expressions=[("household", "="), ("during", "&&")],
                        name="registry_one_past_head",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                        ),
                        name="registry_membership_past",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PastPlace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                ("during", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="during")),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.household",
                    ),
                ),
            ],
            options={
                "verbose_name": "past place",
                "indexes": [models.Index(fields=["region_code"], name="registry_pastplace_list")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("household", "="), ("during", "&&")], name="registry_one_place_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                        ),
                        name="registry_pastplace_past",
                    ),
                ],
            },
        ),
        *(RowSecurity(table) for table in TABLES),
        migrations.RunSQL(KEEP, KEEP_BACK),
        migrations.RunSQL(CHAIN, CHAIN_BACK),
    ]
