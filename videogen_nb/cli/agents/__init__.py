"""For agents: ``mcp``, which serves the gateway's tools over stdin and stdout."""
