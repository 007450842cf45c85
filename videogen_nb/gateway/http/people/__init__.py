"""Routes for people who share a gateway."""
