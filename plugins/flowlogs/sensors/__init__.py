"""Sensors of the pipeline."""
