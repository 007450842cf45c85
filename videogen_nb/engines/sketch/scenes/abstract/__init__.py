"""The scene “abstract”: :mod:`.scene` combines the other modules."""
