"""The three stores: the catalog, which is the truth, and the two indexes that can be rebuilt from it."""
