"""Files of the gateway: videos, uploaded images, downloads of image URLs."""
