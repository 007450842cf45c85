"""Panels for many videos at once: a grid to choose from, a table to watch."""
