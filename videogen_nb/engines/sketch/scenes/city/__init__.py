"""City lights across a river: :mod:`.scene` combines the other modules."""
