"""Open-Meteo's forecast API (https://open-meteo.com/en/docs)."""
