"""Layers of scenes: skies, stars, clouds, land, trees, water, weather, light."""
