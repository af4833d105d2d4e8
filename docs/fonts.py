"""Makes service/weather/fonts/ from Debian's fonts: a picture's letters, and how wide they are.

Run it by hand, with fonttools beside what the tests need: `.venv/bin/pip install fonttools`, then
`.venv/bin/python docs/fonts.py`. Noto Sans is in `fonts-noto-core`, DejaVu Sans in `fonts-dejavu-core`.
"""

from pathlib import Path
from unicodedata import category

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "service/weather/fonts"
NOTO = [Path(f"/usr/share/fonts/truetype/noto/NotoSans-{weight}.ttf") for weight in ("Regular", "Bold")]
WIDE = [Path(f"/usr/share/fonts/truetype/dejavu/DejaVuSans{weight}.ttf") for weight in ("", "-Bold")]

# The letters of Vietnamese and of the languages of Europe in Latin, Greek or Cyrillic, marks of decomposed
# ones, hyphens, dashes, quotation marks, dots, primes, đồng, euro and minus.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1A0, 0x1A1),
    (0x1AF, 0x1B0),
    (0x218, 0x21B),
    (0x300, 0x304),
    (0x306, 0x306),
    (0x309, 0x309),
    (0x31B, 0x31B),
    (0x323, 0x323),
    (0x386, 0x3CE),
    (0x400, 0x45F),
    (0x490, 0x491),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2022, 0x2022),
    (0x2026, 0x2026),
    (0x202F, 0x202F),
    (0x2032, 0x2033),
    (0x20AB, 0x20AC),
    (0x2212, 0x2212),
)
LETTERS = [letter for first, last in RANGES for letter in range(first, last + 1)]
MINUS, DASH = 0x2212, 0x2013  # Noto Sans has no minus: the dash stands for it


def subset(file: Path) -> None:
    """Write the font with these letters alone; one that is not among them is drawn as a box."""
    options = Options(
        layout_features=["kern", "mark", "mkmk", "ccmp"],
        hinting=False,  # nobody draws these at a size where it matters
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14],
    )
    font = TTFont(file, recalcTimestamp=False)  # the same bytes each time
    for table in font["cmap"].tables:
        if DASH in table.cmap:
            table.cmap.setdefault(MINUS, table.cmap[DASH])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font.save(FOLDER / file.name)


def widths() -> str:
    """Return the table: a letter, and its width in thousandths of the text's size in each font."""
    fonts = [TTFont(file) for file in (*NOTO, *WIDE)]
    maps = [{MINUS: known[DASH], **known} for known in (font.getBestCmap() for font in fonts)]
    lines = [
        "# Widths in thousandths of the size of the text: Noto Sans, then DejaVu Sans. By docs/fonts.py.",
        "code\tnoto\tnoto_bold\twide\twide_bold",
    ]
    for letter in LETTERS:
        if all(letter in known for known in maps):
            told = [
                round(font["hmtx"][known[letter]][0] * 1000 / font["head"].unitsPerEm)
                for font, known in zip(fonts, maps, strict=True)
            ]
            if category(chr(letter)) == "Mn":
                told = [0] * len(fonts)
            lines.append("\t".join([f"{letter:04x}", *map(str, told)]))
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    for font_file in NOTO:
        subset(font_file)
    (FOLDER / "widths.tsv").write_text(widths(), encoding="utf-8")
