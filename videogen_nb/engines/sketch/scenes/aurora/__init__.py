"""Northern lights over a lake: ``scene`` puts the other modules together."""
