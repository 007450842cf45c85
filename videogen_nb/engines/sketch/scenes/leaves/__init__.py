"""Leaves or petals in the wind: ``scene`` puts the other modules together."""
