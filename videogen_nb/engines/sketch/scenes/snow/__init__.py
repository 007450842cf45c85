"""What the scene “snow” is made of: ``scene`` puts the other modules together."""
