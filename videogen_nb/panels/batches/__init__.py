"""Panels for many videos: a grid, a batch table and a storyboard."""
