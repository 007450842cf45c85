"""What the scene “abstract” is made of: ``scene`` puts the other modules together."""
