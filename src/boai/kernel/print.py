"""Papers as PDF: typst templates of the apps, our own Chinese font, nothing from the network.

An app keeps its templates in `<app>/print/NAME.typ`. A template sees `data` (what the caller handed over) and the few
functions of the prelude below. Values from `data` are text, never markup: a name cannot become a command.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import segno
import typst

FONT = "Noto Sans CJK SC"

PRELUDE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.at("title", default: "Boai"))
#set page(paper: "a4", margin: (x: 2.2cm, top: 2cm, bottom: 2.2cm),
  footer: context align(center, text(8.5pt, fill: luma(90), counter(page).display("1 / 1", both: true))))
#set text(font: "FONT", size: 10.5pt, lang: "zh", region: "cn")
#set par(leading: 0.85em, justify: true)
#set table(stroke: 0.5pt + luma(120), inset: (x: 5pt, y: 6pt))
#show table.cell.where(y: 0): set text(fill: luma(60), size: 9.5pt)

#let heading-of(title, under: none) = {
  align(center, text(18pt, tracking: 2pt, title))
  if under != none and under != "" { align(center, text(10pt, fill: luma(70), under)) }
  v(6pt)
}
#let facts(rows) = grid(columns: (auto, 1fr), column-gutter: 12pt, row-gutter: 8pt,
  ..rows.map(row => (text(fill: luma(80), row.label), row.value)).flatten())
#let part(title) = { v(8pt); text(12.5pt, title); v(2pt); line(length: 100%, stroke: 0.5pt + luma(150)); v(2pt) }
#let sheet(columns, head, rows) = table(columns: columns, table.header(..head), ..rows.flatten())
#let sign-here(people) = grid(columns: (1fr, 1fr), column-gutter: 24pt, row-gutter: 22pt,
  ..people.map(who => [#who #box(width: 1fr, repeat(gap: 1pt)[\\_])]))
#let proof(p) = block(breakable: false, width: 100%, inset: 8pt, stroke: 0.5pt + luma(150), grid(
  columns: (2.6cm, 1fr), column-gutter: 10pt, align: (center, left + horizon),
  image(bytes(p.qr), format: "svg", width: 2.6cm, alt: p.address),
  text(9pt, { for row in p.lines { row; linebreak() }; raw(p.address) })))
"""


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts of the wheel and no others: a paper looks the same on every machine."""
    folder = str(files("noto_cjk_sans_otc"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def render_pdf(template: str, data: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """`template` is "app/name" for boai/app/print/name.typ; `data` must survive JSON. Equal input gives equal bytes.

    `at` becomes the file's date. Raises typst.TypstError for a template that does not compile.
    """
    app, name = template.split("/")
    source = files(f"boai.{app}").joinpath("print", f"{name}.typ").read_text(encoding="utf-8")
    pdf = typst.compile(
        (PRELUDE.replace("FONT", FONT) + source).encode(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(at.timestamp()) if at else 0,
    )
    assert isinstance(pdf, bytes), "one PDF document is one piece of bytes"
    return pdf


def qr_svg(text: str) -> str:
    """A QR code as SVG, for `proof`: dark modules, no size of its own."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", xmldecl=False, svgns=True, border=2)
    return buffer.getvalue().decode()
