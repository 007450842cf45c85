"""What the scene “fire” is made of: ``scene`` puts the other modules together."""
