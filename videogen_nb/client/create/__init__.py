"""Creating tasks: validation, the request, and sending it at most once."""
