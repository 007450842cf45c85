"""What layers and scenes draw with: noise, colours, a lens, points, cut-outs, compositing."""
