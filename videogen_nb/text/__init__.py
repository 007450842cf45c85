"""Reading text files, and printing to terminals and notebooks."""
