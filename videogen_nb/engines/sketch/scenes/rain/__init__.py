"""What the scene “rain” is made of: ``scene`` puts the other modules together."""
