"""Coverage-guided fuzzing of every parser: see README.md."""
