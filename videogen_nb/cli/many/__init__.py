"""Commands for many videos."""
