"""Mutation tests: change the core a little, and see whether a test notices."""
