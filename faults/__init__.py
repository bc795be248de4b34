"""Breaks the running service on purpose, and counts whether anything that was acknowledged is gone."""
