"""The bundled upstream: sample weather in the wire formats of real providers, for a machine without internet.

`climate` knows the weather, `open_meteo` and `met_norway` tell it as their namesakes do, and `server` answers
over HTTP. All but `server` are pure, so that what was said can be compared with what was understood.
"""
