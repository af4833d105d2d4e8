"""The weather services, a package each: build the request for some places, parse the answer. Pure.

A provider's field names, codes and units stay inside its package. One set of units leaves it: °C, m/s, mm,
hPa, %, degrees that the wind comes from; every instant is an aware datetime.
"""
