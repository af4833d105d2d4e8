"""The nouns of the project and what can be said of them with the standard library alone.

One set of units: °C, m/s, mm, hPa, %, degrees the wind comes from; every instant is an aware datetime.
"""
