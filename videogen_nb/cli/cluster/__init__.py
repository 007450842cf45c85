"""Commands for computing on several machines."""
