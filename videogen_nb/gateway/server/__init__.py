"""The gateway as a process: socket, registration, shutdown."""
