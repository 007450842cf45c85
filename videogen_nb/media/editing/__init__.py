"""Editing videos: files in, file out, on this machine and without a gateway."""
