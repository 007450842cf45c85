"""Tasks whose videos are made elsewhere: create at most once, poll, download."""
