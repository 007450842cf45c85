"""The form around a prompt: examples, options, and what the engine needs."""
