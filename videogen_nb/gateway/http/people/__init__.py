"""The routes for the people who share a gateway."""
