"""Peptides of a proteome as candidates, with their prior."""
