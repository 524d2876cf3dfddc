"""Categories that have to be looked at again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="categoryentry",
            name="checked_on",
            field=models.DateField(blank=True, null=True, verbose_name="last confirmed on"),
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "cause",
                    models.CharField(
                        choices=[("expiry", "It runs out"), ("interval", "Not confirmed for long")],
                        max_length=8,
                        verbose_name="why it is asked",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="check again by")),
                ("created_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("holds", "It still holds"), ("ended", "It no longer holds")],
                        max_length=9,
                        verbose_name="answer",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=80, verbose_name="source")),
                ("evidence", models.CharField(blank=True, max_length=120, verbose_name="evidence")),
                ("until_before", models.DateField(null=True)),
                ("until_after", models.DateField(null=True)),
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
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rechecks",
                        to="registry.categoryentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-check of a category",
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=["region_code", "due_on", "id"],
                        name="registry_recheck_list",
                    ),
                    models.Index(fields=["entry"], name="registry_recheck_entry"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("entry",),
                        name="registry_recheck_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="registry_recheck_answered",
                    ),
                ],
            },
        ),
        RowSecurity("registry_recheck"),
    ]
