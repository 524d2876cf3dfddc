"""Corrections of many rows at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0008_rechecks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("village", "Households to another village"),
                            ("category", "End a category"),
                            ("give", "Give a category"),
                            ("close", "Close households"),
                        ],
                        max_length=10,
                        verbose_name="kind of correction",
                    ),
                ),
                ("wanted", models.JSONField()),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("count", models.IntegerField(verbose_name="corrected")),
                ("made_at", models.DateTimeField()),
                ("left", models.IntegerField(default=0)),
                ("undone_at", models.DateTimeField(null=True)),
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
                "verbose_name": "bulk correction",
            },
        ),
        migrations.CreateModel(
            name="BulkCategory",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                ("valid_to", models.DateField(null=True)),
                ("checked_on", models.DateField(null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.categoryentry"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="categories", to="registry.bulkchange"
                    ),
                ),
            ],
            options={
                "verbose_name": "category ended in bulk",
            },
        ),
        migrations.AddField(
            model_name="householdevent",
            name="bulk",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="registry.bulkchange"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(fields=["region_code", "-made_at"], name="registry_bulk_list"),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="registry_bulk_of_some"),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="registry_bulk_reason"
            ),
        ),
        RowSecurity("registry_bulkchange"),
        RowSecurity("registry_bulkcategory"),
    ]
