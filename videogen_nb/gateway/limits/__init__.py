"""What all share, and how much one may have. What is refused: ``gateway/refusals.py``."""
