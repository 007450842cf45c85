"""A starry sky over a lake: ``scene`` puts the other modules together."""
