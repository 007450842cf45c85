"""Tests of videogen-nb. Their layout mirrors the package."""
