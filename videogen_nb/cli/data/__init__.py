"""Commands about everything that a gateway keeps."""
