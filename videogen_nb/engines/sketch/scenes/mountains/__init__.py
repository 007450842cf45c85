"""Mountains in mist: ``scene`` puts the other modules together."""
