"""The bundled upstream: sample data in the wire formats of real providers, for a machine without internet.

`server` answers over HTTP what the rest, which is pure, says at a time: `open_meteo` and `met_norway` the
weather of `weather`, `feeds` the articles of articles.toml.
"""
