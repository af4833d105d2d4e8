"""The weather services, each in files of its own: they build requests and read answers, and do nothing else.

A new one implements `service.domain.ports.Provider`; its field names and units end here.
"""
