"""Showing tasks and videos: cards, searching, marking, exporting."""
