"""Costs of videos: what a request is expected to cost, agreeing to it, what was spent."""
