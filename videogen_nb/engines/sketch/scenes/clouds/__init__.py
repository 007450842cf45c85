"""Big clouds over low land: :mod:`.scene` combines the other modules."""
