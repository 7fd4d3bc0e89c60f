"""Operators of the flow log pipeline."""
