"""Commands that edit videos on this machine: ``join``, ``export`` and ``timeline``."""
