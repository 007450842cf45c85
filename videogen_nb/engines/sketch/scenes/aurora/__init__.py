"""Northern lights over a lake: :mod:`.scene` combines the other modules."""
