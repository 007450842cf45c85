"""The gateway on this machine: finding, starting and checking it."""
