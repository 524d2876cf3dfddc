"""Invented contents for the style guide: one value for every state that a component knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django import forms

SPRITE = Path(__file__).parent / "static" / "web" / "icons.svg"
ERROR_PAGES = {"400", "403", "404", "409", "429", "500", "503", "signed_out"}
WAYS = [("self", "本人申请"), ("other", "代他人申请"), ("minor", "为未成年人申请")]
ROWS = [
    ("7KQ2MX9P", "李*", "平襄镇孟河村", "大病救助", 1_200_000, "评议中", "wait", "2026-11-27", True),
    ("B4TN8WRC", "王**", "马营镇华川村", "临时救助", 300_000, "待核查", "info", "2026-11-30", False),
    ("H9DZ5FLA", "欧阳*", "鸡川镇许堡村", "助学", 500_000, "已发放", "ok", "", False),
    ("Q2VX7JMK", "马**", "榜罗镇文丰村", "困难救助", 200_000, "不予批准", "stop", "", False),
]


class SampleForm(forms.Form):
    """Every kind of field once."""

    name = forms.CharField(label="申请人姓名", max_length=40)
    id_number = forms.CharField(label="身份证号", help_text="18 位，末位可能是 X。", max_length=18)
    amount = forms.RegexField(label="申请金额", regex=r"^[\d.,万]+$", help_text="可以写 1.2万。")
    on = forms.DateField(label="入户日期")
    way = forms.ChoiceField(label="申请方式", choices=WAYS, widget=forms.RadioSelect, initial="self")
    programme = forms.ChoiceField(
        label="救助项目", choices=[("", "请选择"), ("illness", "大病救助"), ("study", "助学")]
    )
    channels = forms.MultipleChoiceField(
        label="怎样通知您", choices=[("phone", "电话"), ("sms", "短信"), ("board", "村公示栏")],
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    reason = forms.CharField(label="困难情况", widget=forms.Textarea, help_text="说清楚发生了什么、需要什么。")
    phone = forms.CharField(label="联系电话", required=False)
    photo = forms.ImageField(label="入户照片", required=False)
    agree = forms.BooleanField(label="我已看过上面的说明，同意这样使用我的信息")


class SampleFilter(forms.Form):
    """What a list can be narrowed by."""

    q = forms.CharField(label="姓名或编号", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("wait", "待核查")])
    since = forms.DateField(label="起始日期", required=False)


def icons() -> list[str]:
    """The names of all icons in the sprite."""
    return re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8"))


def rows() -> list[dict[str, Any]]:
    """A desk's table."""
    names = ("code", "name", "place", "programme", "amount", "state", "tone", "due", "late")
    return [dict(zip(names, row, strict=True)) | {"url": f"/styleguide/?case={row[0]}"} for row in ROWS]


def spine() -> list[dict[str, Any]]:
    """A case on its way, with one step of each state."""
    return [
        {"label": "受理", "state": "done", "who": "周敏 · 救助专干", "at": "2026-11-10"},
        {
            "label": "核查",
            "state": "done",
            "who": "石磊、何芳",
            "at": "2026-11-14",
            "rule": "两人入户",
            "rule_url": "#spine",
        },
        {
            "label": "评议",
            "state": "now",
            "who": "评议小组",
            "due": "2026-11-27",
            "late": True,
            "rule": "到会过三分之二",
        },
        {"label": "公示", "state": "next", "rule": "7 个自然日"},
        {"label": "复核", "state": "skipped", "note": "金额低于 2 万元"},
        {"label": "批复", "state": "stopped", "note": "有一件异议尚未办结"},
        {"label": "发放", "state": "next"},
    ]


def timeline() -> list[dict[str, Any]]:
    """What happened to a case."""
    return [
        {
            "at": "2026-11-20 15:04",
            "who": "周敏",
            "title": "评议会议已通知",
            "tone": "wait",
            "text": "11 月 27 日 14:30,村委会二楼。",
        },
        {"at": "2026-11-14 10:30", "who": "石磊", "title": "核查通过", "tone": "ok", "proof_url": "#timeline"},
        {"at": "2026-11-12 09:12", "who": "周敏", "title": "退回补正", "tone": "stop", "text": "缺住院发票原件。"},
        {"at": "2026-11-10 08:40", "who": "孟河村委会", "title": "代为申请"},
    ]


def files() -> list[dict[str, Any]]:
    """Papers of a case."""
    return [
        {"name": "住院发票.jpg", "url": "#files", "size": 482_133, "kind": "image", "who": "周敏", "at": "2026-11-10",
         "sha256": "9f2c41d07ab35e6688f0c2d4b1a97e53"},
        {"name": "入户核查表.pdf", "url": "#files", "size": 1_734_002, "remove_url": "/styleguide/"},
        {"name": "说明.txt", "size": 812, "note": "待扫描"},
    ]  # fmt: skip


def facts() -> list[dict[str, Any]]:
    """What is known of an applicant."""
    return [
        {"label": "申请人", "value": "李*", "note": "户主"},
        {"label": "编号", "value": "7KQ2 MX9P", "mono": True},
        {"label": "村", "value": "平襄镇孟河村", "url": "#facts"},
        {"label": "状态", "value": "评议中", "tone": "wait"},
        {"label": "开户行", "value": None},
    ]


def everything() -> dict[str, Any]:
    """The context of the style guide, shaped like the one that the shell gives to every page."""
    return {
        "icons": icons(),
        "rows": rows(),
        "columns": [
            {"label": "编号", "sort": "?sort=code", "sorted": "asc"},
            "申请人",
            "所在村",
            "项目",
            {"label": "金额", "align": "num", "sort": "?sort=amount"},
            "状态",
            {"label": "操作", "hidden_label": True},
        ],
        "saved": [
            {"label": "等我处理", "url": "?", "active": True, "count": 12},
            {"label": "已超期", "url": "?late=1", "count": 3},
            {"label": "本月已办", "url": "?done=1"},
        ],
        "bulk_actions": [
            {"name": "do", "value": "accept", "label": "批量受理"},
            {"name": "do", "value": "return", "label": "退回补正"},
        ],
        "tabs": [
            {"label": "基本情况", "url": "?", "active": True},
            {"label": "材料", "url": "?tab=files", "count": 3},
            {"label": "经过", "url": "?tab=log"},
        ],
        "spine": spine(),
        "timeline": timeline(),
        "files": files(),
        "facts": facts(),
        "will": {"count": 9, "text": "9 件申请将进入核查。", "names": ["7KQ2 MX9P 李*", "B4TN 8WRC 王**"]},
        "wont": [
            {"count": 2, "reason": "材料不齐，还不能受理。", "names": ["Q2VX 7JMK 马**"]},
            {"count": 1, "reason": "您本人经办过这一件，须由他人核查。"},
        ],
        "nothing": {"count": 0, "text": "选中的 3 件都已受理过。"},
        "steps": ["说明", "谁需要帮助", "发生了什么", "确认"],
        "extra": [{"label": "存为草稿", "name": "do", "value": "draft"}],
        "points": [
            "您的姓名、电话和情况只给经办人员看。",
            "公示时只写姓和村名，不写病情。",
            "您可以随时查看进度、撤回申请。",
        ],
        "crumbs": [{"label": "工作台", "url": "/desk/"}, {"label": "样式"}],
        "nav": [
            {"label": label, "url": f"/styleguide/?nav={i}", "icon": icon, "active": i == 1, "count": number}
            for i, (label, icon, number) in enumerate(
                [
                    ("工作台", "desk", 12),
                    ("申请", "case", 0),
                    ("户籍台账", "household", 0),
                    ("名册导入", "intake", 1),
                    ("评议", "review", 0),
                    ("公示", "notice", 0),
                    ("发放", "payment", 0),
                    ("资金", "fund", 0),
                    ("规则", "rule", 0),
                    ("日志", "log", 0),
                ]
            )
        ],
        "inbox": {"url": "/styleguide/?inbox", "count": 4},
        "portal_nav": [
            {"label": "求助", "url": "?face=public", "active": True},
            {"label": "看公示", "url": "?face=public&n"},
            {"label": "查进度", "url": "?face=public&f"},
        ],
        "checkpoint": {"size": 18_342, "root": "4f1c0d2b9a7e63558c10", "at": "2026-11-24 10:00", "url": "#log"},
        "verify_url": "?face=public&verify",
        "verify_address": "https://example.org/v/7KQ2MX9P",
    }
