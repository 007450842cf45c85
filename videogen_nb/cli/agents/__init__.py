"""The command for agents: ``mcp``, which serves the gateway's tools over stdin and stdout."""
