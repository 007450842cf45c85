"""``/mcp``: the gateway's tools for agents, in the Model Context Protocol."""
