"""Tasks of pools: each waits until a member has room, and is then given to it."""
