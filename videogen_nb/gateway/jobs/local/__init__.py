"""Tasks that are computed on this machine, in worker processes."""
