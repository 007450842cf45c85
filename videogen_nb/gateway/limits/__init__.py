"""What all share, and how much of it one person may have."""
