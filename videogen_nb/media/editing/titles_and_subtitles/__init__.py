"""Words on videos: titles and subtitles."""
