"""The sea from the beach: :mod:`.scene` combines the other modules."""
