"""Make the font of cards: the part of Noto Serif CJK SC that ordinary prompts need.

    pip install fonttools
    apt-get download fonts-noto-cjk-extra && dpkg-deb -x fonts-noto-cjk-extra_*.deb noto
    python benchmarks/make_card_font.py \\
        noto/usr/share/fonts/opentype/noto/NotoSerifCJK-SemiBold.ttc \\
        videogen_nb/media/typography/CardSerif.otf

It keeps Latin, punctuation and the 6,763 Hanzi of GB 2312. What a renderer without OpenType
features cannot look up is taken out of it: how Latin letters are kerned is written to
``kerning.json`` beside it, and the proportional quotation marks are put at U+E000 + the last byte
of their own number.
"""

from __future__ import annotations

import itertools
import json
import string
import sys
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE = 2  # its place in the collection
QUOTES = "‘’“”…"
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027), 0x2032, 0x2033]
CJK = [*range(0x3000, 0x3020), *range(0xFF01, 0xFF5F), 0xFFE5]
NAME = "Card Serif"


def main(source: str, target: str) -> None:
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE)
    cmap = font.getBestCmap()
    proportional = substitutions(font, "pwid")
    letters = {cmap[ord(c)]: c for c in string.ascii_letters + ",.-'"}
    closer = kerning(font, list(letters))
    pairs = {letters[a] + letters[b]: value for (a, b), value in sorted(closer.items())}
    own = {0xE000 + (ord(c) & 0xFF): proportional[cmap[ord(c)]] for c in QUOTES}
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            table.cmap.update(own)
    options = Options(layout_features=[], hinting=False, name_IDs=[0, 13, 14], notdef_outline=True)
    subset = Subsetter(options)
    subset.populate(unicodes=[*LATIN, *CJK, *own, *map(ord, hanzi())])
    subset.subset(font)
    for number, text in ((1, NAME), (2, "SemiBold"), (4, f"{NAME} SemiBold"), (6, "CardSerif")):
        font["name"].setName(text, number, 3, 1, 0x409)
    font["CFF "].cff.fontNames = ["CardSerif"]
    font.save(target)
    written = json.dumps(pairs, separators=(",", ":"))
    Path(target).with_name("kerning.json").write_text(written + "\n", "utf-8")


def hanzi() -> str:
    """Return the characters of GB 2312, rows 16 to 87."""
    codes = itertools.product(range(16, 88), range(1, 95))
    return b"".join(bytes([0xA0 + row, 0xA0 + cell]) for row, cell in codes).decode(
        "gb2312", "ignore"
    )


def lookups(table: Any, tag: str) -> list[Any]:
    """Return the subtables of a feature, whatever the script."""
    records = table.FeatureList.FeatureRecord
    places = {i for r in records if r.FeatureTag == tag for i in r.Feature.LookupListIndex}
    found = [sub for i in sorted(places) for sub in table.LookupList.Lookup[i].SubTable]
    return [getattr(sub, "ExtSubTable", sub) for sub in found]


def substitutions(font: TTFont, tag: str) -> dict[str, str]:
    """Return what a feature of single substitutions puts in the place of each glyph."""
    subtables = lookups(font["GSUB"].table, tag)
    return {a: b for sub in subtables for a, b in getattr(sub, "mapping", {}).items()}


def kerning(font: TTFont, glyphs: list[str]) -> dict[tuple[str, str], int]:
    """Return how much closer each pair of ``glyphs`` stands, in font units."""
    pairs: dict[tuple[str, str], int] = {}
    for sub in lookups(font["GPOS"].table, "kern"):
        for left in set(glyphs) & set(sub.Coverage.glyphs):
            for right in glyphs:
                pairs.setdefault((left, right), _between(sub, left, right))
    return {pair: value for pair, value in pairs.items() if value}


def _between(sub: Any, left: str, right: str) -> int:
    if sub.Format == 1:
        records = sub.PairSet[sub.Coverage.glyphs.index(left)].PairValueRecord
        value = next((r.Value1 for r in records if r.SecondGlyph == right), None)
    else:
        first = sub.Class1Record[sub.ClassDef1.classDefs.get(left, 0)]
        value = first.Class2Record[sub.ClassDef2.classDefs.get(right, 0)].Value1
    return getattr(value, "XAdvance", 0) if value else 0


if __name__ == "__main__":
    main(*sys.argv[1:])
