"""The people who share a gateway: who they are, by which tokens, and how much each may have."""
