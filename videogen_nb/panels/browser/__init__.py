"""What a panel and its page say to each other: scripts, state, bytes, and who replaces whom."""
