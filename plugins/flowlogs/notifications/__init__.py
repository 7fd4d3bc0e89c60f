"""Telling people when runs fail, and when they are well again."""
