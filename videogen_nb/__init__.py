"""Make videos from notebooks."""
