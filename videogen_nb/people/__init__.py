"""The people who share a gateway: names, tokens, roles and limits."""
