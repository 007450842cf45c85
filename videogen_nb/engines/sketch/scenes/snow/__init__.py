"""A winter landscape in falling snow: :mod:`.scene` combines the other modules."""
