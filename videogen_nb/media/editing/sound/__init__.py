"""The sound of an edit: read, mixed, brought to one loudness."""
