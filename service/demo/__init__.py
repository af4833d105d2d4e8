"""The bundled upstream: sample data in the wire formats of real providers, for a machine without internet.

`climate` knows the weather, `open_meteo` and `met_norway` tell it as their namesakes do. `articles` knows the
news, `feeds` and `portal` tell them, `drawings` illustrates them; `sources` is how they are configured.
`server` answers over HTTP. All but `server` are pure, so that what was said can be compared with what was
understood.
"""
