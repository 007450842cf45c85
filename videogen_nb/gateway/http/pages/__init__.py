"""Pages for people with a browser: what this server is, its reference, other engines."""
