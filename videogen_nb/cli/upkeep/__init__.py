"""Commands about what a gateway keeps, and what it has cost."""
