"""The typeface of cards and captions: measuring, drawing, and breaking text into lines."""
