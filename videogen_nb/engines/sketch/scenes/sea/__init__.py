"""The sea from the beach: ``scene`` puts the other modules together."""
