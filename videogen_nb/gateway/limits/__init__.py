"""Limits on shared resources. Refusals are in ``gateway/refusals.py``."""
