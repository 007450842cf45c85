"""What the scene “aurora” is made of: ``scene`` puts the other modules together."""
