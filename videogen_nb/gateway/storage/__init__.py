"""Storage: tasks, uploads and spending in SQLite."""
