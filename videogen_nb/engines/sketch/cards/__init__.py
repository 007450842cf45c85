"""Cards (text over calm motion) and captions over scenes."""
