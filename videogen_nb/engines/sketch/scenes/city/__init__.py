"""What the scene “city” is made of: ``scene`` puts the other modules together."""
