"""Commands about many videos at once."""
