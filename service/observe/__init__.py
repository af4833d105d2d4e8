"""How the service stands, seen from outside: the status page and the probes."""
