"""The commands about engines: their keys, and the tables of providers."""
