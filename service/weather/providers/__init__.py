"""The weather providers, a package each: it builds requests and parses responses, both without side effects.

A provider's field names, codes and units stay inside its package.
"""
