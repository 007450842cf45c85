"""The typeface of cards and captions: measuring, drawing, and line breaking."""
