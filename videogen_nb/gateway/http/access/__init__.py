"""Access checks: token, host name, web origin, and who may connect without a token."""
