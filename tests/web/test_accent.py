import colorsys

import pytest
from colours import contrast
from hypothesis import given, settings
from hypothesis import strategies as st

from service.web.rendering import Accents, accents, readable

colours = st.integers(0, 0xFFFFFF).map("{:06x}".format)


def hls(colour: str) -> tuple[float, float, float]:
    red, green, blue = (channel / 255 for channel in bytes.fromhex(colour.lstrip("#")))
    return colorsys.rgb_to_hls(red, green, blue)


def turn(one: float, other: float) -> float:
    return min(abs(one - other), 1 - abs(one - other))


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "ffffff") == pytest.approx(21)


def test_the_lightest_grey_allowed_on_white_is_767676() -> None:
    assert contrast("767676", "ffffff") > 4.5 > contrast("777777", "ffffff")


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert accents("A61C00", "#ffffff", "#ffffff") == Accents("#a61c00", "#a61c00")


def test_yellow_becomes_darker_on_white_and_stays_on_black() -> None:
    result = accents("ffd500", light="#ffffff", dark="#15191e")
    assert result.dark == "#ffd500"
    assert hls(result.light)[1] < hls("ffd500")[1]


def test_blue_becomes_lighter_on_black_and_stays_on_white() -> None:
    result = accents("0000ff", light="#ffffff", dark="#15191e")
    assert result.light == "#0000ff"
    assert hls(result.dark)[1] > hls("0000ff")[1]


def test_the_background_itself_becomes_a_grey_that_can_be_read() -> None:
    assert readable("ffffff", "#ffffff") == "#767676"


def test_a_contrast_beyond_reach_gives_the_best_there_is() -> None:
    assert readable("336699", "#777777", ratio=7) == "#000000"
    assert readable("336699", "#333333", ratio=15) == "#ffffff"


@pytest.mark.parametrize("colour", ["", "fff", "12345g", "1234567", "##123456", "١٢٣٤٥٦", "123456\n"])
def test_what_is_not_six_hex_digits_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="six hex digits"):
        readable(colour, "#ffffff")
    with pytest.raises(ValueError, match="six hex digits"):
        readable("000000", colour)


@settings(deadline=None, max_examples=100)
@given(accent=colours, background=colours)
def test_every_accent_can_be_read_on_every_background(accent: str, background: str) -> None:
    assert contrast(readable(accent, background), background) >= 4.5


@settings(deadline=None, max_examples=100)
@given(accent=colours)
def test_no_accent_changes_its_hue(accent: str) -> None:
    for background in ("#ffffff", "#15191e"):
        shown = readable(accent, background)
        before, after = hls(accent), hls(shown)
        # Eight bits a channel leave no exact hue: the fewer steps of chroma, the coarser it is.
        chroma = [
            max(bytes.fromhex(c.lstrip("#"))) - min(bytes.fromhex(c.lstrip("#"))) for c in (accent, shown)
        ]
        if min(chroma) > 0:
            assert turn(before[0], after[0]) <= 0.25 / min(chroma)


@settings(deadline=None, max_examples=100)
@given(accent=colours)
def test_an_accent_moves_no_further_than_it_must(accent: str) -> None:
    shown = readable(accent, "#ffffff")
    if shown != f"#{accent}":
        assert contrast(shown, "#ffffff") < 4.75
