"""A starry sky over a lake: :mod:`.scene` combines the other modules."""
