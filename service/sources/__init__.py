"""Portals that publish articles: each kind builds requests and reads answers; nothing is fetched here."""
