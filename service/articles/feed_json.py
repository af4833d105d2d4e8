"""JSON Feed 1.1, with what it has no field for in `_snippet`."""

import json
from typing import Any

from service.articles.feed_channel import Channel, Images, Item

KIND = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def written(channel: Channel) -> bytes:
    """The feed in UTF-8; the same bytes until something in it changes."""
    payload: dict[str, Any] = {
        "version": _VERSION,
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.link,
        "feed_url": channel.self_url,
        "language": channel.language,
        "items": [_item(item) for item in channel.items],
    }
    if channel.sample:
        payload["sample"] = True
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _item(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {"id": item.id, "url": item.link, "title": item.title, "language": item.language}
    if item.lead:
        told["summary"] = item.lead
    if item.body_html is not None:
        told["content_html"] = item.body_html
    else:
        told["content_text"] = item.lead or item.title  # one of the two contents must be there
    if item.published is not None:
        told["date_published"] = item.published.isoformat(timespec="seconds")
    if byline := item.author or item.organisation:
        told["authors"] = [{"name": byline}]
    if item.images is not None:
        told["image"] = item.images.wide.url
    return told | {"_snippet": _snippet(item)}


def _snippet(item: Item) -> dict[str, Any]:
    """The rest of what `/api/v1/articles` tells."""
    source = item.source
    return {
        "date_only": item.date_only,
        "organisation": item.organisation,
        "image": _image(item.images) if item.images is not None else None,
        "source": {"id": source.id, "name": source.name, "url": source.public_url},
    }


def _image(images: Images) -> dict[str, Any]:
    return {"width": images.wide.width, "height": images.wide.height, "caption": images.words}
