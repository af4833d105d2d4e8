"""What a portal offers: the feeds and lists that its pages name or usually have, and how good they are."""
