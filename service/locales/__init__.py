"""The languages: a folder for each (named by its tag) with a `messages.po`, and how each formats values.

A new folder is a new language; nothing else has to change.
"""
