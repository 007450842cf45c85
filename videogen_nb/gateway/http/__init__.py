"""The gateway over HTTP: the only place that knows status codes."""
