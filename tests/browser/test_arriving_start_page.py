"""The start page while it arrives: it may be shown at any moment, and what is shown stays where it is."""

import pytest
from playwright.sync_api import Browser
from portal import Portal

# Written element by element, as a parser gets it over a slow line; whatever has a box keeps its place.
MOVED = """async width => {
    const pieces = (await (await fetch(location)).text()).split(/(?<=<[/]\\w+>)/);
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.style = `position:fixed;width:${width}px;height:900px`;
    const page = frame.contentDocument, places = new Map, moved = [];
    page.open();
    for (const piece of pieces) {
        page.write(piece);
        for (const tag of page.querySelectorAll("main, main *:not(option, iframe)")) {
            const {left, top, width, height} = tag.getBoundingClientRect(), place = `${left},${top}`;
            if (places.has(tag) && places.get(tag) !== place)
                moved.push(`${tag.outerHTML.slice(0, 60)}: ${places.get(tag)} to ${place}`);
            if (width && height && tag.checkVisibility({visibilityProperty: true})) places.set(tag, place);
        }
    }
    return {moved, seen: places.size};
}"""


@pytest.mark.parametrize(
    ("width", "query"),
    [
        (320, "layout=full&portal_url=portal.gov.vn"),
        (768, "layout=full&portal_url=portal.gov.vn"),
        (1280, "layout=full&portal_url=portal.gov.vn"),
        (768, "type=articles"),
        (1280, "type=portal&ui=en"),
    ],
)
def test_what_is_shown_stays_while_the_rest_arrives(
    browser: Browser, portal: Portal, width: int, query: str
) -> None:
    page = browser.new_page(bypass_csp=True)
    page.goto(f"{portal.url}/?{query}")
    told = page.evaluate(MOVED, width)
    page.close()
    assert told["moved"] == []
    assert told["seen"] > 60
