"""A winter land in falling snow: ``scene`` puts the other modules together."""
