"""Telling other servers that a task has ended: signed webhooks, sent until they arrive."""
