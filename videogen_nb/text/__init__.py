"""Text coming in from files that people write, and going out to terminals and notebooks."""
