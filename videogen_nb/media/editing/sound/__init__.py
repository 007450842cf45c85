"""Sound of an edit: reading, mixing, loudness."""
