"""Webhooks: signed notifications about ended tasks, sent until they are delivered."""
