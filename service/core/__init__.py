"""What every other package may import: ports, errors, freshness, folding, secrets. Standard library only."""
