"""Images as people give them: loaded, named in a request, taken from other videos."""
