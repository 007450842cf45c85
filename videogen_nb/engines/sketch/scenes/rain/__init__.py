"""Rain on a window: :mod:`.scene` combines the other modules."""
