"""The gateway's HTTP interface, the only place with status codes."""
