"""Camera moves over an image: where the camera goes, and the frames it sees."""
