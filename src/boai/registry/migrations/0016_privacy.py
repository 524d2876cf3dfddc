"""What people say about the uses of their data, and what the nightly job of destroying writes down."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_guards"),
        ("registry", "0015_returned"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("relief", "Finding out who needs help, and helping"),
                            ("contact", "Calling and writing to the person"),
                            ("sensitive", "Using sensitive facts"),
                            ("publish", "The name in public notices"),
                            ("share", "Passing on to partners and donors"),
                            ("photo", "Photos and stories"),
                            ("statistics", "Statistics without names"),
                            ("accounting", "Vouchers and audits"),
                            ("emergency", "Response to an emergency"),
                        ],
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("given", "Agreed"),
                            ("refused", "Did not agree"),
                            ("withdrawn", "Consent withdrawn"),
                            ("suspended", "Objected; stopped until it is decided"),
                            ("lifted", "Objection not upheld; as before"),
                        ],
                        max_length=10,
                        verbose_name="what they answered",
                    ),
                ),
                ("text_version", models.DateField(verbose_name="text of")),
                (
                    "giver",
                    models.CharField(
                        choices=[
                            ("person", "The person"),
                            ("guardian", "A parent or guardian"),
                            ("proxy", "Somebody with a written authority"),
                        ],
                        max_length=8,
                        verbose_name="said by",
                    ),
                ),
                ("giver_name", boai.kernel.crypto.SealedTextField(purpose="registry.consent")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("paper", "Signed on paper, with a photo of it"),
                            ("screen", "On the screen, after reading"),
                            ("phone", "By telephone, with a witness"),
                        ],
                        max_length=6,
                        verbose_name="how",
                    ),
                ),
                ("witness", boai.kernel.crypto.SealedTextField(purpose="registry.consent")),
                ("said_on", models.DateField(verbose_name="said on")),
                ("recorded_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("emptied_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "consent",
            },
        ),
        migrations.CreateModel(
            name="Emergency",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("name", models.CharField(max_length=60, verbose_name="name of the response")),
                ("started_on", models.DateField(verbose_name="began on")),
                ("opened_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("destroyed_at", models.DateTimeField(null=True)),
                ("reached", models.UUIDField(null=True)),
                ("passed_on", models.DateField(null=True)),
                ("gone", models.IntegerField(default=0, verbose_name="people deleted")),
                ("kept", models.IntegerField(default=0, verbose_name="people of whom a case needs something")),
            ],
            options={
                "verbose_name": "emergency response",
            },
        ),
        migrations.CreateModel(
            name="EmergencyTag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("tagged_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "collected for a response",
            },
        ),
        migrations.CreateModel(
            name="RetentionCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("intakes", "Register files that were entered"),
                            ("unused", "Register files that nobody entered"),
                            ("exports", "Lists taken out of the register"),
                            ("looks", "Record of looks"),
                            ("requests", "Words of people's requests"),
                            ("households", "Households put before a person"),
                            ("emergency", "People registered for a response"),
                        ],
                        max_length=12,
                        verbose_name="rule",
                    ),
                ),
                ("rule_version", models.UUIDField()),
                ("count", models.IntegerField(verbose_name="destroyed")),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "what a night destroyed",
            },
        ),
        migrations.CreateModel(
            name="RetentionProposal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="village")),
                ("rule_version", models.UUIDField()),
                ("proposed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a word"),
                            ("confirmed", "Deleted"),
                            ("kept", "Stays, with a reason"),
                        ],
                        default="proposed",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("reason", boai.kernel.crypto.SealedTextField(purpose="registry.keeping")),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "household proposed for deletion",
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "night of destroying",
            },
        ),
        migrations.AddField(
            model_name="datarequest",
            name="changed",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="emptied_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="kept",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="purpose",
            field=models.CharField(
                blank=True,
                choices=[
                    ("relief", "Finding out who needs help, and helping"),
                    ("contact", "Calling and writing to the person"),
                    ("sensitive", "Using sensitive facts"),
                    ("publish", "The name in public notices"),
                    ("share", "Passing on to partners and donors"),
                    ("photo", "Photos and stories"),
                    ("statistics", "Statistics without names"),
                    ("accounting", "Vouchers and audits"),
                    ("emergency", "Response to an emergency"),
                ],
                max_length=12,
                verbose_name="use objected to",
            ),
        ),
        migrations.AddField(
            model_name="registerexport",
            name="known_consent",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="registerexport",
            name="left_out",
            field=models.IntegerField(default=0, verbose_name="people left out"),
        ),
        migrations.AddField(
            model_name="registerexport",
            name="outside",
            field=models.BooleanField(default=False, verbose_name="goes to somebody else"),
        ),
        migrations.AddConstraint(
            model_name="datarequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "object"), _negated=True),
                    models.Q(("purpose", ""), _negated=True),
                    _connector="OR",
                ),
                name="registry_object_to_what",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="photo",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="recorded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="request",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.datarequest"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="resident",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.resident",
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="ended_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="emergencytag",
            name="emergency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tags", to="registry.emergency"
            ),
        ),
        migrations.AddField(
            model_name="emergencytag",
            name="household",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="registry.household",
            ),
        ),
        migrations.AddField(
            model_name="emergencytag",
            name="intake",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.intake"
            ),
        ),
        migrations.AddField(
            model_name="emergencytag",
            name="tagged_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="retentionproposal",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="retentionproposal",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="registry.household",
            ),
        ),
        migrations.AddIndex(
            model_name="retentionrun",
            index=models.Index(fields=["-started_at"], name="registry_retention_list"),
        ),
        migrations.AddConstraint(
            model_name="retentionrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True)),
                fields=("region_code",),
                name="registry_retention_one",
            ),
        ),
        migrations.AddField(
            model_name="retentioncount",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="counts", to="registry.retentionrun"
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["purpose", "region_code", "id"], name="registry_consent_since"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("photo__isnull", False)), fields=["photo"], name="registry_consent_photo"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("resident", "purpose"),
                name="registry_consent_now",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "given"), ("way", "paper"), _negated=True),
                    ("photo__isnull", False),
                    _connector="OR",
                ),
                name="registry_consent_paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "given"), ("giver", "proxy"), _negated=True),
                    ("photo__isnull", False),
                    _connector="OR",
                ),
                name="registry_consent_proxy",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("way", "phone"), _negated=True),
                    models.Q(("witness", ""), _negated=True),
                    ("emptied_at__isnull", False),
                    _connector="OR",
                ),
                name="registry_consent_witness",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("giver", "person"),
                    models.Q(("giver_name", ""), _negated=True),
                    ("emptied_at__isnull", False),
                    _connector="OR",
                ),
                name="registry_consent_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "suspended"), _negated=True), ("request__isnull", False), _connector="OR"
                ),
                name="registry_consent_objection",
            ),
        ),
        migrations.AddIndex(
            model_name="emergency",
            index=models.Index(fields=["region_code", "-opened_at"], name="registry_emergency_list"),
        ),
        migrations.AddConstraint(
            model_name="emergency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="registry_emergency_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergency",
            constraint=models.CheckConstraint(
                condition=models.Q(("destroyed_at__isnull", True), ("ended_at__isnull", False), _connector="OR"),
                name="registry_emergency_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencytag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("household__isnull", True), ("intake__isnull", False)),
                    models.Q(("household__isnull", False), ("intake__isnull", True)),
                    _connector="OR",
                ),
                name="registry_tag_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="retentionproposal",
            index=models.Index(fields=["state", "region_code", "proposed_at"], name="registry_proposal_list"),
        ),
        migrations.AddConstraint(
            model_name="retentionproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")), fields=("household",), name="registry_proposed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("state", "proposed")),
                    models.Q(
                        models.Q(("state", "proposed"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="registry_proposal_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="retentioncount",
            index=models.Index(fields=["region_code", "-at"], name="registry_retention_place"),
        ),
        migrations.AddConstraint(
            model_name="retentioncount",
            constraint=models.UniqueConstraint(fields=("run", "region_code", "rule"), name="registry_retention_count"),
        ),
        migrations.AddConstraint(
            model_name="retentioncount",
            constraint=models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="registry_retention_some"),
        ),
    ]
