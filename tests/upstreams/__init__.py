"""Small servers that speak providers' dialects, faults included."""
