"""What compute engines share: frames in, an MP4 out."""
