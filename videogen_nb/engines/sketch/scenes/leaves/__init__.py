"""Leaves or petals in the wind: :mod:`.scene` combines the other modules."""
