"""The routes that watch over a gateway: liveness, readiness, metrics."""
