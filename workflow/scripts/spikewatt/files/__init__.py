"""Whole files, one writer at a time, progress: what every stage does with files."""
