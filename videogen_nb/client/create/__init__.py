"""Creating a task: what may be asked for, the request it makes, sending that at most once."""
