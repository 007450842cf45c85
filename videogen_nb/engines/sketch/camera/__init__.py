"""Camera moves over an image."""
