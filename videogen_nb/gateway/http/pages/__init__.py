"""Web pages: what this server is, the API reference, other engines."""
