"""Commands for people who share a gateway."""
