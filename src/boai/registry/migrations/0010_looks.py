"""Who looked at sensitive facts, what is asked about, whose households are watched over."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import AppendOnly, RowSecurity

TABLES = ("registry_sensitivelook", "registry_lookflag", "registry_watchedperson")

# Whoever may see a household or a person now may see who looked at them, wherever they lived when it happened: looks
# carry the village of that time, which another post may hold now. So this runs as its owner, and asks first whether the
# household lies in the connection's scope. Without `who`: everybody of the household, and the household itself.
#
# Where a person stood on the screen follows from the moments at which events were written and taken back, not from
# their days. Who was merged into a person was that person until the merge.
LOOKS_OF = """
CREATE INDEX registry_event_people ON registry_householdevent USING gin ((changes -> 'people') jsonb_path_ops);
CREATE FUNCTION registry_looks_of(which uuid, who uuid) RETURNS SETOF registry_sensitivelook LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE home AS (
        SELECT id FROM registry_household WHERE id = which
        AND region_code >= current_setting('boai.lo', true) AND region_code <= current_setting('boai.hi', true)),
    person AS (
        SELECT r.id, 'infinity'::timestamptz AS until FROM registry_resident r JOIN home ON home.id = r.household_id
        WHERE who IS NULL OR r.id = who
        UNION
        SELECT m.gone_id, m.merged_at FROM person JOIN registry_merge m ON m.kept_id = person.id
        WHERE m.undone_at IS NULL),
    change AS (
        SELECT person.id, person.until, e.id AS event, e.made_at, e.undone_at,
               (one #>> '{before,household_id}')::uuid AS before, (one #>> '{after,household_id}')::uuid AS after
        FROM person
        JOIN registry_householdevent e
            ON e.changes -> 'people' @> jsonb_build_array(jsonb_build_object('id', person.id::text))
        CROSS JOIN LATERAL jsonb_array_elements(e.changes -> 'people') AS one
        WHERE one ->> 'id' = person.id::text),
    move AS (
        SELECT id, until, event, made_at AS at, before AS source, after AS target FROM change
        UNION ALL
        SELECT id, until, event, undone_at, after, before FROM change WHERE undone_at IS NOT NULL),
    stay AS (
        SELECT target AS household_id, at AS began,
               least(until, lead(at, 1, 'infinity') OVER (PARTITION BY id ORDER BY at, event)) AS until FROM move
        UNION ALL
        (SELECT DISTINCT ON (id) source, '-infinity', least(until, at) FROM move ORDER BY id, at, event)
        UNION ALL
        SELECT r.household_id, '-infinity', person.until FROM person JOIN registry_resident r USING (id)
        WHERE NOT EXISTS (SELECT FROM move WHERE move.id = person.id))
    SELECT * FROM registry_sensitivelook l
    WHERE (who IS NULL AND l.household_id IN (SELECT id FROM home))
       OR l.id IN (SELECT k.id FROM stay JOIN registry_sensitivelook k USING (household_id)
                   WHERE k.at BETWEEN stay.began AND stay.until)
$$;
"""
LOOKS_OF_BACK = "DROP FUNCTION registry_looks_of(uuid, uuid); DROP INDEX registry_event_people;"


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0009_bulk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SensitiveLook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                ("role", models.CharField(max_length=20)),
                ("place", models.CharField(max_length=40)),
                ("reason", boai.kernel.crypto.SealedTextField(purpose="registry.look")),
                ("at", models.DateTimeField()),
                (
                    "household",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="registry.household",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "look at sensitive facts",
            },
        ),
        migrations.CreateModel(
            name="LookFlag",
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
                            ("volume", "Many looks on one day"),
                            ("hours", "Outside office hours"),
                            ("own", "Own household or relatives"),
                            ("watched", "A person on the watch list"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("day", models.DateField()),
                ("about", models.CharField(max_length=40)),
                ("looks", models.IntegerField()),
                ("raised_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("justified", "Was needed for the work"),
                            ("unjustified", "Was not needed"),
                        ],
                        default="open",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("words", boai.kernel.crypto.SealedTextField(purpose="registry.look")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "look",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.sensitivelook"
                    ),
                ),
            ],
            options={
                "verbose_name": "unusual look",
            },
        ),
        migrations.CreateModel(
            name="WatchedPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("name", models.CharField(max_length=50, verbose_name="person's name")),
                ("note", boai.kernel.crypto.SealedTextField(purpose="registry.look")),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "watched person",
            },
        ),
        migrations.AddIndex(
            model_name="sensitivelook",
            index=models.Index(fields=["household", "-at"], name="registry_look_household"),
        ),
        migrations.AddIndex(
            model_name="sensitivelook",
            index=models.Index(fields=["user", "at"], name="registry_look_user"),
        ),
        migrations.AddIndex(
            model_name="lookflag",
            index=models.Index(fields=["state", "-raised_at"], name="registry_flag_list"),
        ),
        migrations.AddConstraint(
            model_name="lookflag",
            constraint=models.UniqueConstraint(fields=("user", "kind", "day", "about"), name="registry_flag_once"),
        ),
        migrations.AddConstraint(
            model_name="lookflag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="registry_flag_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookflag",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_by", models.F("user")), _negated=True),
                name="registry_flag_not_by_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedperson",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("region_code", "name"),
                name="registry_watched_once",
            ),
        ),
        *(RowSecurity(table) for table in TABLES),
        AppendOnly("registry_sensitivelook"),
        migrations.RunSQL(LOOKS_OF, LOOKS_OF_BACK),
    ]
