import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cases.ledgers import guard_ledger, unguard_ledger


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_questions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("limit", "时限新版本"), ("calendar", "放假安排"), ("answer", "待定问题的答复")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="内容")),
                ("payload", models.JSONField(verbose_name="提案")),
                ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "正在预览"),
                            ("previewed", "待实施"),
                            ("applying", "正在实施"),
                            ("applied", "已实施"),
                            ("dropped", "已放弃"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("preview", models.JSONField(blank=True, null=True, verbose_name="预览")),
                ("previewed_at", models.DateTimeField(blank=True, null=True, verbose_name="预览时间")),
                ("law", models.CharField(blank=True, max_length=64, verbose_name="预览所据目录")),
                ("result", models.JSONField(blank=True, null=True, verbose_name="结果")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="涉及事项")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已算事项")),
                ("applying_at", models.DateTimeField(blank=True, null=True, verbose_name="开始实施时间")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                ("worked_at", models.DateTimeField(blank=True, null=True, verbose_name="后台最近动作")),
                ("error", models.TextField(blank=True, verbose_name="问题")),
            ],
            options={
                "verbose_name": "变更",
                "verbose_name_plural": "变更",
                "ordering": ("-id",),
                "permissions": (("apply_change", "可以实施变更"),),
            },
        ),
        migrations.CreateModel(
            name="ChangeStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("proposed", "提出"),
                            ("previewed", "预览"),
                            ("started", "开始实施"),
                            ("applied", "实施完毕"),
                            ("dropped", "放弃"),
                        ],
                        max_length=10,
                        verbose_name="事由",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
            ],
            options={
                "verbose_name": "变更台账",
                "verbose_name_plural": "变更台账",
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="ConcernedMatter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "变更待算",
                "verbose_name_plural": "变更待算",
            },
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("provisional", True)), fields=["due_at", "id"], name="clock_provisional"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="applied_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="实施人",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提出人",
            ),
        ),
        # A ledger gets a column: the guard comes down for it and goes up again, over the new column too, at the end.
        unguard_ledger("cases", "ClockMove"),
        migrations.AddField(
            model_name="clockmove",
            name="change",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moves",
                to="cases.change",
                verbose_name="变更",
            ),
        ),
        migrations.AddIndex(
            model_name="clockmove",
            index=models.Index(
                condition=models.Q(("change__isnull", False)), fields=["change", "clock"], name="moves_of_a_change"
            ),
        ),
        migrations.AddField(
            model_name="changestep",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="操作人",
            ),
        ),
        migrations.AddField(
            model_name="changestep",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="cases.change",
                verbose_name="变更",
            ),
        ),
        migrations.AddField(
            model_name="concernedmatter",
            name="change",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waiting",
                to="cases.change",
                verbose_name="变更",
            ),
        ),
        migrations.AddField(
            model_name="concernedmatter",
            name="matter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.matter", verbose_name="事项"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("previewed", "applying", "applied")), _negated=True),
                    models.Q(("preview__isnull", False), ("previewed_at__isnull", False)),
                    _connector="OR",
                ),
                name="change_is_previewed_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("applying", "applied")), _negated=True),
                    ("applying_at__isnull", False),
                    _connector="OR",
                ),
                name="change_begun_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "applied"), _negated=True), ("applied_at__isnull", False), _connector="OR"
                ),
                name="change_applied_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("done__lte", models.F("total"))), name="change_does_no_more_than_all"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "applying")), fields=("state",), name="one_change_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="concernedmatter",
            constraint=models.UniqueConstraint(fields=("change", "matter"), name="change_concerns_a_matter_once"),
        ),
        guard_ledger("cases", "ChangeStep"),
        guard_ledger("cases", "ClockMove"),
    ]
