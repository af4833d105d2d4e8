"""The colours of an hour, for the drawings."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.demo.canvas import Colour


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
