"""Files that other programs export: one reader a file."""
