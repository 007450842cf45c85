"""What keeps secrets: struck out of every text, and files for their owner's eyes alone."""
