"""Weather of places: providers, collecting, derived values, JSON and widgets."""
