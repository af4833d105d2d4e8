"""The bundled upstream: sample data in the wire formats of real providers, for a machine without internet.

`server` answers over HTTP; the rest is pure. `open_meteo` and `met_norway` write the weather of
`sample_weather`, `feeds` the articles of articles.toml.
"""
