"""Tasks waiting and under way: the queue, the runner, estimates."""
