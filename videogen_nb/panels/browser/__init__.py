"""The connection between a panel and its page: scripts, state, file transfer, reruns."""
