"""What scenes are painted with: skies, stars, clouds, land, trees, water, weather, light."""
