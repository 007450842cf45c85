"""Frames of an edit: decoding, fitting, cropping, blending, extracting."""
