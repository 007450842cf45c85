"""What the scene “leaves” is made of: ``scene`` puts the other modules together."""
