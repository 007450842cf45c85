"""A campfire at night: :mod:`.scene` combines the other modules."""
