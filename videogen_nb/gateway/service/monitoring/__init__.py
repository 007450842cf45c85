"""Monitoring a gateway: metrics, readiness, the log of tasks."""
