"""The kinds of source (feed, JSON Feed, WordPress, HTML listing): build the request, parse the answer."""
