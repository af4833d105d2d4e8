"""Draws the pictures of the demo's articles: flat landscapes, by a few lines of code.

Run it by hand: `.venv/bin/python docs/demo_pictures.py`. It writes service/demo/samples/pictures/, the same
bytes with the same Pillow. A picture is a list of words: the light first, then what stands in it, from back
to front.
"""

import io
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "service/demo/samples/pictures"
PICTURES: Mapping[str, tuple[str, ...]] = {
    "pho-di-bo-ven-song-mo-them-goc-doc-sach": ("dusk", "hills", "river", "bridge", "lanterns"),
    "tuyen-xe-buyt-so-tam-doi-gio-chay": ("dawn", "hills", "houses", "road"),
    "phuong-mau-ra-quan-trong-cay-dau-nam": ("noon", "hills", "field", "trees"),
    "thu-vien-thanh-pho-keo-dai-gio-mo-cua": ("noon", "clouds", "hall", "books"),
    "riverside-walk-gets-a-bicycle-lane": ("dawn", "hills", "river", "boats", "trees"),
    "sua-mat-duong-hoa-sen-doan-qua-cho-som": ("dusk", "houses", "road"),
    "lich-kiem-tra-cuoi-hoc-ky-cac-truong": ("noon", "clouds", "trees", "books"),
    "cho-som-ven-song-dung-tui-giay": ("dawn", "hills", "houses", "umbrellas"),
    "huong-dan-phan-loai-rac-tai-nha": ("noon", "hills", "houses", "trees"),
    "le-hoi-den-long-ben-cau-may": ("night", "hills", "river", "bridge", "lanterns"),
    "giai-chay-viet-da-cong-vien-cay-da": ("noon", "clouds", "hills", "trees", "road"),
    "school-garden-feeds-the-canteen": ("noon", "clouds", "hills", "field", "houses"),
    "tiep-nhan-ho-so-truc-tuyen-tai-nha-van-hoa": ("noon", "clouds", "hall", "trees"),
    "meo-giu-nha-mat-trong-nhung-ngay-oi-buc": ("noon", "clouds", "hills", "houses", "trees"),
    "lop-boi-mien-phi-cho-hoc-sinh-tieu-hoc": ("noon", "clouds", "river", "boats"),
    "hop-to-dan-pho-ban-ve-san-choi": ("dusk", "hills", "houses", "kites"),
    "ngay-hoi-dieu-giay-tren-bai-song": ("noon", "clouds", "hills", "river", "kites"),
    "evening-classes-in-basketry": ("dusk", "hills", "houses", "lanterns"),
    "tap-huan-so-cuu-cho-to-truong": ("dawn", "clouds", "hills", "hall"),
    "mua-cuoi-mua-va-viec-khoi-thong-ranh-nuoc": ("rain", "hills", "houses", "trees", "drops"),
    "phuong-mau-lap-them-den-duong-ngo-nho": ("night", "houses", "road", "lanterns"),
    "thuyen-sach-ghe-ben-cho-som": ("dawn", "hills", "river", "boats", "books"),
}

WIDTH, HEIGHT = 960, 640

# Lengths are pixels, y grows downwards; a colour is red, green and blue from 0 to 255.
Colour = tuple[int, int, int]
Edge = Callable[[float], float]  # the y of a shape's edge at x

_FINER = 2  # drawn so many times as large and then made small, so that slanting edges are smooth


class Canvas:
    """What lies beyond the edges of the sheet is left out."""

    def __init__(self, top: Colour, bottom: Colour, level: int) -> None:
        """A sheet that goes from one colour over into another, down to a level, and is of that below."""
        column = Image.new("RGB", (1, HEIGHT))
        for y in range(HEIGHT):
            column.putpixel((0, y), mixed(top, bottom, min(1.0, y / level)))
        self._sheet = column.resize((WIDTH * _FINER, HEIGHT * _FINER), Image.Resampling.NEAREST)
        self._pen = ImageDraw.Draw(self._sheet)

    def fill(self, left: float, right: float, top: Edge, bottom: Edge, colour: Colour) -> None:
        """What lies between two edges, as far as the one is above the other."""
        between = range(max(0, round(left)), min(WIDTH, round(right)) + 1)
        columns = [x for x in between if top(x) < bottom(x)]
        outline = [(x, top(x)) for x in columns] + [(x, bottom(x)) for x in reversed(columns)]
        if outline:
            self._pen.polygon([(x * _FINER, y * _FINER) for x, y in outline], fill=colour)

    def box(self, left: float, right: float, top: float, bottom: float, colour: Colour) -> None:
        """An upright rectangle."""
        self.fill(left, right, lambda _: top, lambda _: bottom, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A circle around (x, y)."""
        self._pen.circle((x * _FINER, y * _FINER), radius * _FINER, fill=colour)

    def webp(self) -> bytes:
        """The sheet as a file."""
        file = io.BytesIO()
        self._sheet.reduce(_FINER).save(file, "WEBP", quality=60, method=6)
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class Light:
    """Sky above and at the horizon, sun or moon, far and near land, water, and what lies in the shade."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    far: Colour
    near: Colour
    water: Colour
    shade: Colour


LIGHTS: Mapping[str, Light] = MappingProxyType(
    {
        "dawn": Light(
            zenith=(150, 190, 220),
            horizon=(255, 226, 190),
            sun=(255, 246, 214),
            far=(138, 164, 166),
            near=(112, 150, 104),
            water=(158, 194, 206),
            shade=(82, 92, 96),
        ),
        "noon": Light(
            zenith=(86, 164, 222),
            horizon=(214, 238, 246),
            sun=(255, 240, 170),
            far=(120, 168, 150),
            near=(126, 178, 92),
            water=(90, 170, 196),
            shade=(84, 96, 100),
        ),
        "dusk": Light(
            zenith=(96, 84, 140),
            horizon=(250, 168, 120),
            sun=(255, 214, 140),
            far=(120, 94, 126),
            near=(88, 96, 92),
            water=(176, 136, 150),
            shade=(62, 56, 76),
        ),
        "night": Light(
            zenith=(20, 28, 66),
            horizon=(64, 78, 124),
            sun=(240, 240, 222),
            far=(44, 54, 92),
            near=(32, 50, 62),
            water=(38, 56, 100),
            shade=(24, 26, 46),
        ),
        "rain": Light(
            zenith=(124, 138, 150),
            horizon=(196, 204, 208),
            sun=(206, 212, 214),
            far=(134, 150, 154),
            near=(104, 136, 112),
            water=(136, 156, 166),
            shade=(76, 84, 92),
        ),
    }
)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """The first colour with this share (0 to 1) of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


_HORIZON = 390

_CLOTHS: tuple[Colour, ...] = ((214, 69, 65), (242, 177, 52), (45, 134, 160), (92, 158, 89), (146, 92, 148))
_WALLS: tuple[Colour, ...] = ((240, 214, 170), (232, 190, 160), (205, 222, 222), (246, 232, 200))
_ROOF: Colour = (168, 78, 60)
_TRUNK: Colour = (104, 78, 60)
_LEAVES: Colour = (66, 124, 72)
_WHITE: Colour = (250, 250, 246)
_GLOW: Colour = (255, 196, 84)

Draw = Callable[[Canvas, Light, random.Random], None]


def picture(words: tuple[str, ...], seed: str) -> bytes:
    """A WebP of `WIDTH` x `HEIGHT` pixels.

    Raises:
        KeyError: for a word that nothing is drawn for.
    """
    light, dice = LIGHTS[words[0]], random.Random(seed)
    canvas = Canvas(light.zenith, light.horizon, _HORIZON)
    canvas.disc(140 + 680 * dice.random(), 90 + 90 * dice.random(), 46, light.sun)
    canvas.box(0, WIDTH, _HORIZON, HEIGHT, light.near)
    for word in words[1:]:
        _DRAWN[word](canvas, light, dice)
    return canvas.webp()


def _level(y: float) -> Edge:
    return lambda _: y


def _wave(y: float, height: float, length: float, phase: float) -> Edge:
    return lambda x: y + height * math.sin(x / length + phase) + height / 3 * math.sin(x / length * 2.7)


def _gable(x: float, y: float, slope: float) -> Edge:
    """Highest at (x, y), falling to both sides; with a negative slope a valley."""
    return lambda column: y + slope * abs(column - x)


def _arch(left: float, right: float, foot: float, rise: float) -> Edge:
    return lambda x: foot - rise * math.sin(math.pi * (x - left) / (right - left))


def _keel(x: float, y: float, half: float, depth: float) -> Edge:
    """A full curve below (x, y), or above it with a negative depth, `half` to each side."""
    return lambda column: y + depth * (1 - ((column + 0.5 - x) / half) ** 4)


def _clouds(canvas: Canvas, light: Light, dice: random.Random) -> None:
    colour = mixed(light.horizon, _WHITE, 0.8)
    for number in range(4):
        x, y = 240 * number + dice.randrange(120), 70 + dice.randrange(110)
        for step, radius in enumerate((20, 32, 26, 18)):
            canvas.disc(x + 34 * step, y - radius / 3, radius, colour)


def _hills(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for number in range(3):
        edge = _wave(305 + 35 * number, 52 - 18 * number, 90 + 40 * dice.random(), 6 * dice.random())
        canvas.fill(0, WIDTH, edge, _level(_HORIZON + 20), mixed(light.far, light.near, 0.4 * number))


def _river(canvas: Canvas, light: Light, dice: random.Random) -> None:
    phase = 6 * dice.random()
    canvas.fill(0, WIDTH, _wave(435, 8, 140, phase), _wave(590, 14, 160, phase + 1), light.water)
    for _ in range(26):
        x, y = dice.randrange(WIDTH), 460 + dice.randrange(100)
        canvas.box(x, x + 30 + dice.randrange(60), y, y + 3, mixed(light.water, _WHITE, 0.25))


def _bridge(canvas: Canvas, light: Light, _: random.Random) -> None:
    """A steel arch, its deck hung below it."""
    top, foot = _arch(120, 840, 470, 170), _arch(120, 840, 486, 170)
    for x in range(180, 800, 45):
        canvas.fill(x, x + 4, top, _level(455), light.shade)
    canvas.fill(120, 840, top, foot, _CLOTHS[0])
    canvas.box(0, WIDTH, 452, 470, light.shade)
    for x in (112, 826):
        canvas.box(x, x + 26, 470, 580, mixed(light.shade, light.water, 0.3))


def _boats(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for number in range(3):
        x, y = 140 + 280 * number + dice.randrange(100), 486 + 28 * number
        canvas.box(x - 2, x + 2, y - 88, y, _TRUNK)
        canvas.fill(x + 4, x + 62, _gable(x, y - 84, 1.2), _level(y - 8), _CLOTHS[number])
        canvas.fill(x - 74, x + 74, _level(y), _keel(x, y, 74, 26), light.shade)


def _field(canvas: Canvas, light: Light, dice: random.Random) -> None:
    """Terraces, wider towards the front."""
    phase = 6 * dice.random()
    for number in range(6):
        y = _HORIZON + 20 + 7 * number * (number + 1)
        colour = mixed(light.near, (_GLOW, _LEAVES)[number % 2], 0.3)
        canvas.fill(
            0, WIDTH, _wave(y, 5 + 2 * number, 120 + 20 * number, phase + number), _level(HEIGHT), colour
        )


def _trees(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for number in range(6):
        x, y, size = 40 + 160 * number + dice.randrange(90), 470 + dice.randrange(90), 30 + dice.randrange(16)
        leaves = mixed(mixed(_LEAVES, light.near, 0.5 * dice.random()), light.shade, 0.2)
        canvas.box(x - 6, x + 6, y - size, y + size, mixed(_TRUNK, light.shade, 0.3))
        for left, up in ((-0.7, 1.3), (0.7, 1.3), (0, 2)):
            canvas.disc(x + left * size, y - up * size, size, leaves)


def _houses(canvas: Canvas, light: Light, dice: random.Random) -> None:
    lit = light.shade if max(light.horizon) > 180 else _GLOW  # noqa: PLR2004 - darker skies want lamps in the windows
    for number in range(7):
        x, wide, high = 20 + 138 * number, 96 + dice.randrange(26), 70 + dice.randrange(60)
        middle, top, foot = x + wide / 2, 490 - high, 500
        canvas.box(x, x + wide, top, foot, mixed(dice.choice(_WALLS), light.shade, 0.25))
        roof = mixed(_ROOF, light.shade, 0.4 * dice.random())
        canvas.fill(x - 10, x + wide + 10, _gable(middle, top - 44, 0.75), _level(top + 4), roof)
        for window in (x + 16, x + wide - 38):
            canvas.box(window, window + 22, top + 22, top + 50, lit)


def _road(canvas: Canvas, light: Light, _: random.Random) -> None:
    """Towards the viewer, with a line in the middle."""
    canvas.fill(0, WIDTH, _gable(WIDTH / 2, 470, 0.45), _level(HEIGHT), mixed(light.shade, _WHITE, 0.25))
    for number in range(4):
        y, half = 500 + 38 * number, 3 + 2 * number
        canvas.box(WIDTH / 2 - half, WIDTH / 2 + half, y, y + 18 + 3 * number, _WHITE)


def _umbrellas(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for number in range(5):
        x, y, radius = 100 + 190 * number + dice.randrange(30), 520 + 22 * (number % 2), 84
        canvas.box(x - 4, x + 4, y - 20, y + 100, _TRUNK)
        canvas.box(x - 62, x + 62, y + 62, y + 96, mixed(_WALLS[number % 4], light.shade, 0.15))
        for fruit in range(6):
            canvas.disc(x - 50 + 20 * fruit, y + 58, 10, dice.choice(_CLOTHS))
        _canopy(canvas, x, y, radius, _CLOTHS[number])


def _canopy(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """Half a circle in six stripes, a hem below each."""
    stripe = radius / 3
    for number in range(6):
        left = x - radius + number * stripe
        dome, hem = _keel(x, y, radius, -60), _arch(left, left + stripe, y, -9)
        canvas.fill(left, left + stripe, dome, hem, (colour, _WHITE)[number % 2])


def _lanterns(canvas: Canvas, light: Light, dice: random.Random) -> None:
    """Strings across the sky."""
    for number in range(3):
        y = 40 + 70 * number
        string = _arch(-40 - 60 * number, WIDTH + 60, y, -50)
        canvas.fill(0, WIDTH, string, _arch(-40 - 60 * number, WIDTH + 60, y + 2.5, -50), light.shade)
        for x in range(40 + 50 * number, WIDTH, 118):
            hung, colour = string(x) + 26, dice.choice((_CLOTHS[0], _CLOTHS[1], _GLOW))
            canvas.box(x - 1, x + 2, hung - 26, hung + 36, light.shade)
            canvas.disc(x, hung, 21, colour)
            canvas.box(x - 9, x + 9, hung - 23, hung - 17, _TRUNK)


def _hall(canvas: Canvas, light: Light, dice: random.Random) -> None:
    """A public building with columns."""
    x, wall = 200 + dice.randrange(80), mixed(_WALLS[3], light.shade, 0.06)
    canvas.box(x, x + 480, 300, 500, wall)
    canvas.fill(x - 30, x + 510, _gable(x + 240, 218, 0.31), _level(302), _ROOF)
    for column in range(7):
        left = x + 18 + 70 * column
        canvas.box(left, left + 24, 312, 490, _WHITE)
    for window in range(6):
        left = x + 52 + 70 * window
        canvas.box(left, left + 24, 340, 420, mixed(light.zenith, light.shade, 0.5))
    for step in range(3):
        canvas.box(
            x - 16 * (step + 1), x + 480 + 16 * (step + 1), 490 + 12 * step, 502 + 12 * step, _WALLS[2]
        )


def _books(canvas: Canvas, light: Light, dice: random.Random) -> None:
    """A row of them in the foreground, on a board."""
    x = 40
    while x < WIDTH - 60:
        wide, high = 18 + dice.randrange(22), 70 + dice.randrange(50)
        cover = mixed(dice.choice(_CLOTHS), light.shade, 0.1)
        canvas.box(x, x + wide, 604 - high, 604, cover)
        canvas.box(x, x + wide, 618 - high, 624 - high, mixed(cover, _WHITE, 0.6))
        x += wide + 3
    canvas.box(0, WIDTH, 604, HEIGHT, _TRUNK)


def _kites(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for number in range(6):
        x, y, size = 80 + 155 * number + dice.randrange(70), 90 + dice.randrange(180), 22 + dice.randrange(20)
        canvas.fill(x, x + 110, _wave(y + size, 9, 12, 0), _wave(y + size + 3, 9, 12, 0), light.shade)
        canvas.fill(
            x - size,
            x + size,
            _gable(x, y - 1.4 * size, 1.4),
            _gable(x, y + 1.4 * size, -1.4),
            _CLOTHS[number % 5],
        )


def _drops(canvas: Canvas, light: Light, dice: random.Random) -> None:
    for _ in range(160):
        x, y = dice.randrange(WIDTH), dice.randrange(HEIGHT)
        canvas.box(x, x + 2, y, y + 16 + dice.randrange(22), mixed(light.horizon, _WHITE, 0.5))


_DRAWN: Mapping[str, Draw] = MappingProxyType(
    {
        "boats": _boats,
        "books": _books,
        "bridge": _bridge,
        "clouds": _clouds,
        "drops": _drops,
        "field": _field,
        "hall": _hall,
        "hills": _hills,
        "houses": _houses,
        "kites": _kites,
        "lanterns": _lanterns,
        "river": _river,
        "road": _road,
        "trees": _trees,
        "umbrellas": _umbrellas,
    }
)


def main() -> None:
    """Draw all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for slug, words in PICTURES.items():
        drawn = picture(words, slug)
        FOLDER.joinpath(f"{slug}.webp").write_bytes(drawn)
        print(f"{slug}.webp", len(drawn), "bytes")


if __name__ == "__main__":
    main()
