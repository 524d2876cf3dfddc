"""Visits, reports, and who may not go where."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("files", "0002_guards"),
        ("registry", "0013_end_reasons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify", "Verification at home"),
                            ("return", "Asking again after help"),
                            ("festival", "Visit before a festival"),
                            ("regular", "Regular visit"),
                            ("other", "Another purpose"),
                        ],
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "alone_reason",
                    models.CharField(blank=True, max_length=120, verbose_name="why one person goes alone"),
                ),
                ("ask", boai.kernel.crypto.SealedTextField(purpose="visits.words", verbose_name="what to ask")),
                ("with_phone", models.BooleanField(default=False, verbose_name="take the telephone number along")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("done", "Visited"),
                            ("not_met", "Nobody met"),
                            ("cancelled", "Called off"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("planned_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "again_of",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="visits.visit"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="first visitor",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.household"
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="second visitor",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
            },
        ),
        migrations.CreateModel(
            name="Taking",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("version", models.PositiveIntegerField()),
                ("taken_at", models.DateTimeField()),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "second",
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
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="takings", to="visits.visit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("client_id", models.UUIDField()),
                ("based_on", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(verbose_name="recorded at")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "outcome",
                    models.CharField(choices=[("met", "We met somebody"), ("not_met", "We met nobody")], max_length=8),
                ),
                (
                    "missed",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("away", "Nobody at home"),
                            ("moved", "No longer lives there"),
                            ("refused", "Did not want a visit"),
                            ("road", "We could not get there"),
                            ("other", "Another reason"),
                        ],
                        max_length=8,
                    ),
                ),
                ("first_there", models.BooleanField()),
                ("second_there", models.BooleanField()),
                ("there", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("notes", boai.kernel.crypto.SealedTextField(purpose="visits.words", verbose_name="notes")),
                ("answers", boai.kernel.crypto.SealedTextField(purpose="visits.words", verbose_name="answers")),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("accepted", "Counts"),
                            ("conflict", "In conflict"),
                            ("joint", "Counts together with the other"),
                            ("set_aside", "Kept, does not count"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "clash",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recorded", "Somebody else had already recorded this visit."),
                            ("cancelled", "The visit had been called off meanwhile."),
                            ("changed", "The plan had been changed meanwhile."),
                            ("related", "A visitor found out at the door that they are related to the household."),
                        ],
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_reason", models.CharField(blank=True, max_length=200)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="visits.visit"
                    ),
                ),
            ],
            options={
                "verbose_name": "report of a visit",
            },
        ),
        migrations.CreateModel(
            name="ReportPhoto",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("client_id", models.UUIDField()),
                ("received_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="visits.report"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("client_id",), name="visits_photo_client")],
            },
        ),
        migrations.CreateModel(
            name="RouteOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("day", models.DateField()),
                ("visits", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "day", "region_code"), name="visits_route_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tie",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("declared_at", models.DateTimeField()),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.household"
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
                "constraints": [models.UniqueConstraint(fields=("household", "user"), name="visits_tie_once")],
            },
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["state", "day", "id"], name="visits_by_day"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["first", "day"], name="visits_of_first"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["second", "day"], name="visits_of_second"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["household", "day"], name="visits_of_household"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("first", models.F("second")), _negated=True), name="visits_two_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second__isnull", False), models.Q(("alone_reason", ""), _negated=True), _connector="OR"
                ),
                name="visits_alone_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="visits_cancelled_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("region_code__regex", "^\\d{12}$")), name="visits_visit_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "planned")),
                fields=("household", "day", "purpose"),
                name="visits_planned_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("again_of",), name="visits_again_once"),
        ),
        migrations.AddConstraint(
            model_name="taking",
            constraint=models.UniqueConstraint(fields=("visit", "user", "version"), name="visits_taken_once"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["visit", "received_at"], name="visits_reports"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("standing", "conflict")), fields=["region_code"], name="visits_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("client_id",), name="visits_report_client"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_there", True), ("second_there", True), _connector="OR"),
                name="visits_somebody_there",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missed", ""), ("outcome", "met")),
                    models.Q(("outcome", "not_met"), models.Q(("missed", ""), _negated=True)),
                    _connector="OR",
                ),
                name="visits_missed_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing__in", ["conflict"]), _negated=True),
                    models.Q(("clash", ""), _negated=True),
                    _connector="OR",
                ),
                name="visits_conflict_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing__in", ["joint", "set_aside"]), _negated=True),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        models.Q(("settled_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="visits_settled_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("settled_by", models.F("by")), _negated=True), name="visits_settled_by_another"
            ),
        ),
        RowSecurity("visits_visit"),
        RowSecurity("visits_taking"),
        RowSecurity("visits_report"),
        RowSecurity("visits_reportphoto"),
        RowSecurity("visits_tie"),
        RowSecurity("visits_routeorder"),
        migrations.RunSQL(
            [
                "REVOKE DELETE, TRUNCATE ON visits_visit FROM boai_app",
                "REVOKE UPDATE, DELETE, TRUNCATE ON visits_taking, visits_reportphoto, visits_tie FROM boai_app",
                "REVOKE UPDATE, DELETE, TRUNCATE ON visits_report FROM boai_app",
                """GRANT UPDATE (standing, settled_by_id, settled_at, settled_reason) ON visits_report TO boai_app""",
            ],
            [
                """GRANT UPDATE, DELETE ON visits_visit, visits_taking, visits_report, visits_reportphoto, visits_tie
                   TO boai_app""",
            ],
        ),
    ]
