"""What the scene “stars” is made of: ``scene`` puts the other modules together."""
