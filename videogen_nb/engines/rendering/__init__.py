"""Rendering for compute engines: frames in, an MP4 out."""
