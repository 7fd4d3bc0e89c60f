"""Trino's statements, one module a kind, run for one request."""
