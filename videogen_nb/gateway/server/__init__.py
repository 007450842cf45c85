"""The gateway as a process: its socket, its registration, its end."""
