"""Reading prompts in English and Chinese: scenes, moods, camera moves, colours, durations."""
