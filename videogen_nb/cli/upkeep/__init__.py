"""Commands about what a gateway keeps."""
