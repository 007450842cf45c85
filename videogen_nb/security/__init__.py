"""Keeping secrets: redaction, and private files."""
