"""Mountains in mist: :mod:`.scene` combines the other modules."""
