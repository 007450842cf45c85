"""Big clouds over a low land: ``scene`` puts the other modules together."""
