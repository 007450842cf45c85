"""Drawing tools for layers and scenes: noise, colours, a lens, points, sprites, compositing."""
