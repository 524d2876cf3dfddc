"""Lists that were taken out of the register."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_guards"),
        ("registry", "0011_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterExport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "code",
                    models.CharField(
                        db_collation="C",
                        default=boai.kernel.ids.new_code,
                        max_length=8,
                        unique=True,
                        verbose_name="mark",
                    ),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("category", models.CharField(blank=True, max_length=20, verbose_name="category")),
                ("purpose", models.CharField(max_length=120, verbose_name="what for")),
                ("people", models.IntegerField(verbose_name="number of people")),
                ("needs_second", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("refused", "Not allowed"),
                            ("writing", "Being written"),
                            ("ready", "Can be fetched"),
                            ("gone", "Deleted after its time"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "verbose_name": "list taken out of the register",
                "indexes": [models.Index(fields=["region_code", "-asked_at"], name="registry_export_list")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("asked_by")), _negated=True),
                        name="registry_export_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_second", False),
                            ("state__in", ["asked", "refused"]),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="registry_export_allowed",
                    ),
                ],
            },
        ),
        RowSecurity("registry_registerexport"),
    ]
