"""What the scene “mountains” is made of: ``scene`` puts the other modules together."""
