import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="代码")),
                ("question", models.CharField(max_length=200, verbose_name="问题")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("definition", models.JSONField(verbose_name="定义")),
            ],
            options={
                "verbose_name": "待定问题",
                "verbose_name_plural": "待定问题",
                "ordering": ("order", "code"),
            },
        ),
        migrations.AddField(
            model_name="limit",
            name="answered",
            field=models.JSONField(blank=True, default=dict, verbose_name="按答复改动"),
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("option", models.CharField(max_length=60, verbose_name="答复")),
                ("decided_on", models.DateField(verbose_name="决定日期")),
                ("ground", models.CharField(max_length=300, verbose_name="依据")),
                ("answered_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="答复人",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="cases.openquestion",
                        verbose_name="待定问题",
                    ),
                ),
            ],
            options={
                "verbose_name": "待定问题的答复",
                "verbose_name_plural": "待定问题的答复",
                "ordering": ("question", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ground", ""), _negated=True), name="answer_has_a_ground"
                    )
                ],
            },
        ),
        guard_ledger("cases", "Answer"),
    ]
