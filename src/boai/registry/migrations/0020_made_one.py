"""Two people made one stand in the history of both households."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0019_attempts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="householdevent",
            name="kind",
            field=models.CharField(
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
                    ("one", "Two people made one"),
                ],
                max_length=10,
                verbose_name="kind of event",
            ),
        ),
    ]
