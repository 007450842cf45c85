"""The gateway: protocol, task store, runner and worker processes."""
