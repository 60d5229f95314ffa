"""Diagnosis: look inside one batch, one loss, one vocabulary, and say what is found."""
