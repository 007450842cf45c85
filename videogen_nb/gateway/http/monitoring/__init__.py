"""Routes for monitoring: liveness, readiness, metrics."""
