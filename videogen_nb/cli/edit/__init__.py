"""Commands that edit videos on this machine: ``join`` and ``export``."""
