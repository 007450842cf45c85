"""What the scene “sea” is made of: ``scene`` puts the other modules together."""
