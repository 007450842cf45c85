"""How tasks and videos are told: times, cards, and the zip to take them along."""
