"""The editor's page: choose a widget, see it, copy its snippet."""
