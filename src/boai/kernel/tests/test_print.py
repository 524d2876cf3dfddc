"""Papers: every character of a name is really drawn."""

from __future__ import annotations

import pytest
import typst

from boai.kernel.print import FONT, _fonts

# Surnames and given names beyond the Basic Multilingual Plane and in its younger corners.
RARE = "𠮷𬭎𫖯䶮㛃𬀩𨭎𬬭𥔲𬎆㐱䴗"
MISSING = "\U0010fffd"  # private use: no font draws it


def picture(text: str) -> bytes:
    source = f'#set page(width: 60pt, height: 60pt, margin: 8pt)\n#set text(font: "{FONT}", size: 30pt)\n#"{text}"'
    drawn = typst.compile(source.encode(), format="png", font_paths=_fonts(), ignore_system_fonts=True, ppi=72)
    assert isinstance(drawn, bytes)
    return drawn


@pytest.mark.parametrize("character", RARE)
def test_a_rare_character_is_drawn_and_is_no_box(character: str) -> None:
    assert picture(character) not in (picture(MISSING), picture(" "))


def test_rare_characters_do_not_look_alike() -> None:
    assert len({picture(character) for character in RARE}) == len(RARE)
