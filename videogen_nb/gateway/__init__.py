"""The gateway: the wire protocol's other side, a task store, a runner and worker processes."""
