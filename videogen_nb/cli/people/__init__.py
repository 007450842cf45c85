"""The people who share a gateway, from the terminal of whoever runs it."""
