"""From data to weights, scores and a row per epoch: one loop for all methods."""
