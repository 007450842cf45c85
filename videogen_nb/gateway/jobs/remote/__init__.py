"""Running tasks at providers: create at most once, poll, download."""
