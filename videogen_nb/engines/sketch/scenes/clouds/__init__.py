"""What the scene “clouds” is made of: ``scene`` puts the other modules together."""
