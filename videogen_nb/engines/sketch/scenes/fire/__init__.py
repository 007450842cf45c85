"""A camp fire at night: ``scene`` puts the other modules together."""
