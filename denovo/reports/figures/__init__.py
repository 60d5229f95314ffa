"""Pictures: one file per figure, drawn with matplotlib, returned and never shown."""
