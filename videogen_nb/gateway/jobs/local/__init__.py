"""Running tasks on this machine, in worker processes."""
