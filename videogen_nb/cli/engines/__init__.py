"""Commands for engines: keys, and providers' tables."""
