"""The contrast of two colours after WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours of six hex digits, 1 to 21."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (channel / 255 for channel in bytes.fromhex(colour.removeprefix("#")))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
