"""Worker processes: rendering and checking media apart from the gateway."""
