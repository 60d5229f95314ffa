"""Diagnosis of one batch, of the precursor losses, and of one vocabulary."""
