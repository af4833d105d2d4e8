"""Decide which places to fetch from which provider and when, fetch them, and store the weather."""
