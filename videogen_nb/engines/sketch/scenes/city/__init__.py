"""City lights across a river: ``scene`` puts the other modules together."""
