"""Cards: words lettered over calm motion, and captions lettered over scenes."""
