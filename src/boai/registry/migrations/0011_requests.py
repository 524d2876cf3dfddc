"""What people ask about their own data, and by when they get an answer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_looks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="resident",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("death", "Died"),
                    ("moved", "Moved away"),
                    ("married", "Married into another household"),
                    ("mistake", "Entered by mistake"),
                    ("merged", "Stood twice and was merged"),
                    ("erased", "Deleted at their own request"),
                ],
                max_length=10,
                verbose_name="reason",
            ),
        ),
        migrations.CreateModel(
            name="DataRequest",
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
                        verbose_name="number of the request",
                    ),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("see", "See what is held, and who looked"),
                            ("copy", "A copy to take along"),
                            ("correct", "Correct something"),
                            ("delete", "Delete"),
                            ("object", "Object to a use"),
                        ],
                        max_length=8,
                        verbose_name="kind of request",
                    ),
                ),
                ("words", boai.kernel.crypto.SealedTextField(purpose="registry.request")),
                ("asked_by", boai.kernel.crypto.SealedTextField(purpose="registry.request")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Waits for a decision"),
                            ("granted", "Granted, being carried out"),
                            ("done", "Carried out"),
                            ("refused", "Refused with reasons"),
                            ("withdrawn", "Withdrawn by the person"),
                        ],
                        default="received",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("due_on", models.DateField(verbose_name="answer by")),
                ("rule_version", models.UUIDField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", boai.kernel.crypto.SealedTextField(purpose="registry.request")),
                ("finished_at", models.DateTimeField(null=True)),
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
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.resident"
                    ),
                ),
            ],
            options={
                "verbose_name": "request about one's own data",
                "indexes": [
                    models.Index(fields=["state", "due_on"], name="registry_request_list"),
                    models.Index(fields=["resident"], name="registry_request_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["granted", "done", "refused"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="registry_request_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "delete"), ("state__in", ["granted", "done"]), _negated=True),
                            models.Q(("decided_by", models.F("received_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="registry_delete_by_two",
                    ),
                ],
            },
        ),
        RowSecurity("registry_datarequest"),
    ]
