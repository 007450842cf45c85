"""Waiting and running tasks: queues, the runner, estimates."""
