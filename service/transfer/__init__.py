"""Moving comments in and out: a file a format, around one neutral record."""
