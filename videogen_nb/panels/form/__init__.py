"""What stands around a prompt: examples, the fields beside it, what the engine needs."""
