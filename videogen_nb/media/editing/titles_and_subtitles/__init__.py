"""Text on videos: titles and subtitles."""
