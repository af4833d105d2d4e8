"""The serving half: blueprints by audience. They read the store and never call an upstream."""
