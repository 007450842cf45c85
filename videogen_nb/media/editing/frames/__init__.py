"""The frames of an edit: decoded, fitted, cropped, blended, taken out."""
