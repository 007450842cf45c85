"""What the gateway remembers: tasks, uploads and spending in SQLite."""
