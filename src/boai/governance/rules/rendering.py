"""A notice as text: the fuller version for the village board and the masked one for the open internet (governance §5).

A rendered document is plain JSON: title, intro, rows, closing lines. It is rendered once, scanned, read by the second
person, and published unchanged. Always in Chinese, whatever the officer's own language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from boai.governance.enums import DayMode, NoticeKind, PublicReason
from boai.governance.rules.majority import Attendance, Count
from boai.governance.rules.publication import ALLOWED_FIELDS, Entry, FieldRule, NoticeRules, Shows
from boai.kernel.errors import BadInput
from boai.kernel.money import format_fen
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import check_text, clean
from boai.kernel.text.masks import distinguish, mask_minor, mask_name
from boai.kernel.text.scan import SecretKind, find_secrets

NOTHING = "—"
_LONGEST = {"name": 50, "place": 60, "group": 40, "text": 60}
# What a shielded entry may say at all: a programme or a reason would tell what is to be hidden.
_SHIELDED = frozenset(("guardian", "group", "place", "amount_fen"))


@dataclass(frozen=True, slots=True)
class Line:
    """An entry ready to be rendered: checked fields, and the totals of its review if there was one."""

    code: str
    region_code: str
    fields: Mapping[str, Any]
    shielded: bool
    attendance: Attendance | None = None
    count: Count | None = None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """The branch as it signs and as it can be reached."""

    name: str
    phone: str
    address: str
    hours: str


# --- what may be on a notice at all ----------------------------------------------------------------


def fields_checked(kind: str, entry: Entry) -> dict[str, Any]:
    """The entry's fields, cleaned; deny by default. Raises BadInput with a sentence per field."""
    rules = {rule.name: rule for rule in ALLOWED_FIELDS[NoticeKind(kind)]}
    faults: dict[str, list[str]] = defaultdict(list)
    kept: dict[str, Any] = {}
    for name, value in entry.fields.items():
        if name not in rules:
            faults[name].append(_("This field is never published on this type of notice."))
        elif entry.shielded and name not in _SHIELDED:
            faults[name].append(_("Not for a minor or a protected person: neither name nor anything that tells why."))
        elif value not in (None, ""):
            try:
                kept[name] = _checked(rules[name], value)
            except ValueError as fault:
                faults[name].append(str(fault))
    for rule in rules.values():
        wanted = rule.required and (not entry.shielded or rule.name in _SHIELDED)
        if (wanted or (rule.name == "name" and not entry.shielded)) and rule.name not in kept and not faults[rule.name]:
            faults[rule.name].append(_("This is needed on the notice."))
    found = {name: sentences for name, sentences in faults.items() if sentences}
    if found:
        why = "; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in found.items())
        raise BadInput(f"{entry.subject.code}: {why}", found)
    return kept


def _checked(rule: FieldRule, value: Any) -> Any:
    """One value in its form. Raises ValueError with the sentence."""
    if rule.holds == "fen":
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise ValueError(_("An amount is a positive number of fen."))
        return value
    if rule.holds == "reason":
        if value not in PublicReason.values:
            raise ValueError(_("Only a reason from the coarse list may be published."))
        return str(value)
    if not isinstance(value, str):
        raise ValueError(_("This must be text."))
    try:
        check_text(value, limit=_LONGEST[rule.holds])
    except Unreadable:
        raise ValueError(_("This text is too long or holds characters that must not be stored.")) from None
    return clean(value)


# --- rendering -------------------------------------------------------------------------------------


def render(
    kind: str, *, lines: Sequence[Line], rules: NoticeRules, office: Office, correction: str,
    taken: Mapping[str, Sequence[str]],
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    """(board, public): both documents. `taken` are masked names on display already, by division."""
    with translation.override("zh-hans"):
        board = _document(kind, lines, _board_names(lines), rules, office, correction, board=True)
        public = _document(kind, lines, _public_names(lines, taken), rules, office, correction, board=False)
    return board, public


def masked(line: Line) -> str:
    """A line's name on the open internet, before equal ones get their suffix."""
    if line.shielded or line.retracted:
        return NOTHING
    return mask_name(str(line.fields["name"]))


def _public_names(lines: Sequence[Line], taken: Mapping[str, Sequence[str]]) -> list[str]:
    """Equal masked names in one division get 甲, 乙…, counting those that are on display already."""
    names = [masked(line) for line in lines]
    for region in {line.region_code for line in lines}:
        here = [i for i, line in enumerate(lines) if line.region_code == region and names[i] != NOTHING]
        before = list(taken.get(region, ()))
        told = distinguish([*before, *(names[i] for i in here)])[len(before) :]
        for i, name in zip(here, told, strict=True):
            names[i] = name
    return names


def _board_names(lines: Sequence[Line]) -> list[str]:
    """Full names, needed to object; of a shielded person the guardian's surname at most. Namesakes get 甲, 乙…"""
    names = [_board_name(line) for line in lines]
    for place in {_place(line, board=True) for line in lines}:
        here = [i for i, line in enumerate(lines) if _place(line, board=True) == place and names[i] != NOTHING]
        for i, name in zip(here, distinguish([names[i] for i in here]), strict=True):
            names[i] = name
    return names


def _board_name(line: Line) -> str:
    if line.retracted:
        return NOTHING
    if line.shielded:
        guardian = line.fields.get("guardian")
        return mask_minor(str(guardian), male=None) if guardian else NOTHING
    return str(line.fields["name"])


def _place(line: Line, *, board: bool) -> str:
    if line.shielded and not board:
        return NOTHING
    parts = [line.fields.get("place")] + ([line.fields.get("group")] if board else [])
    return " ".join(str(p) for p in parts if p) or NOTHING


def _document(
    kind: str, lines: Sequence[Line], names: Sequence[str], rules: NoticeRules, office: Office, correction: str, *,
    board: bool,
) -> dict[str, Any]:  # fmt: skip
    shown = {
        rule.name
        for rule in ALLOWED_FIELDS[NoticeKind(kind)]
        if (rule.board if board else rule.internet) != Shows.NEVER
    }
    rows = [_row(line, name, shown, board=board) for line, name in zip(lines, names, strict=True)]
    return {
        "kind": str(kind),
        "title": notice_title(kind),
        "intro": _(
            "After application, house visit and democratic review, the following proposed grants are made public "
            "so that residents can supervise them."
        ),
        "correction": correction,
        "rows": rows,
        "total": format_fen(sum(int(line.fields["amount_fen"]) for line in lines if not line.retracted)),
        "period": _period(rules),
        "objection": _(
            "Whoever disagrees may object in this time, with or without giving their name, on the website, by "
            "telephone or on paper at the office. Who objects is known only to the handler and the supervisor."
        ),
        "office": {"name": office.name, "phone": office.phone, "address": office.address, "hours": office.hours},
    }


def notice_title(kind: str) -> str:
    """The heading of a type of notice, in Chinese; never a name in it."""
    with translation.override("zh-hans"):
        return {NoticeKind.RELIEF_PROPOSED: _("Public notice of proposed relief grants")}[NoticeKind(kind)]


def _period(rules: NoticeRules) -> str:
    if rules.mode == DayMode.WORKING:
        return _("%(n)s working days, counted from the day after publication") % {"n": rules.days}
    return _("%(n)s calendar days, counted from the day after publication") % {"n": rules.days}


def _row(line: Line, name: str, shown: set[str], *, board: bool) -> dict[str, str]:
    if line.retracted:
        return {"code": line.code, "name": _("withdrawn by the applicant"), "place": NOTHING, "programme": NOTHING,
                "reason": NOTHING, "amount": NOTHING, "review": NOTHING}  # fmt: skip
    reason = line.fields.get("reason")
    return {
        "code": line.code,
        "name": name if "name" in shown else NOTHING,
        "place": _place(line, board=board),
        "programme": str(line.fields.get("programme", NOTHING)) if "programme" in shown else NOTHING,
        "reason": str(PublicReason(reason).label) if reason and "reason" in shown else NOTHING,
        "amount": format_fen(int(line.fields["amount_fen"])),
        "review": _review_line(line.attendance, line.count),
    }


def _review_line(attendance: Attendance | None, count: Count | None) -> str:
    """Totals only: roll, present, recused, votes."""
    if attendance is None or count is None:
        return NOTHING
    text = _(
        "Roll %(roll)s, voting %(present)s, recused %(recused)s; agree %(yes)s, disagree %(no)s, abstain %(abstain)s"
    )
    return text % {
        "roll": attendance.roll,
        "present": attendance.present,
        "recused": attendance.recused,
        "yes": count.yes,
        "no": count.no,
        "abstain": count.abstain,
    }


# --- the scan --------------------------------------------------------------------------------------


def texts(document: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a document but the branch's own address and telephone."""
    for key, value in document.items():
        if key != "office":
            yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)


def scan(*documents: Mapping[str, Any]) -> list[str]:
    """What must never be published and is there all the same, one sentence per find; empty when clean."""
    words = {
        SecretKind.IDENTITY: _("an identity number"),
        SecretKind.MOBILE: _("a mobile number"),
        SecretKind.CARD: _("a bank card number"),
    }
    found = []
    for document in documents:
        for text in texts(document):
            for secret in find_secrets(text):
                quoted = text[: secret.start] + "****" + text[secret.end :]
                found.append(_("The text holds %(what)s: %(text)s") % {"what": words[secret.kind], "text": quoted})
    return list(dict.fromkeys(found))


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """A full name in the free text of a notice, one sentence each: what the lines mask, the text must not tell."""
    squeezed = text.replace(" ", "")
    return [
        _("The text names %(name)s in full. Write the case code instead.") % {"name": mask_name(name)}
        for name in sorted(names)
        if len(name) > 1 and name.replace(" ", "") in squeezed
    ]


def strike(document: Mapping[str, Any], *, code: str, total_fen: int, upheld: bool) -> dict[str, Any]:
    """The document after a subject left it: the line keeps its code and says why, everything else on it goes."""
    with translation.override("zh-hans"):
        gone = _row(Line(code, "", {}, shielded=True, retracted=True), NOTHING, set(), board=False)
        if upheld:
            gone["name"] = _("objection upheld, taken back")
    rows = [gone if row["code"] == code else row for row in document["rows"]]
    return {**document, "rows": rows, "total": format_fen(total_fen)}
