"""Who looked at sensitive facts, what is asked about, whose households are watched over."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import AppendOnly, RowSecurity

TABLES = ("registry_sensitivelook", "registry_lookflag", "registry_watchedperson")


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0022_bulk"),
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
    ]
