"""What runs left: their files, statistics, what was measured, what is missing."""
