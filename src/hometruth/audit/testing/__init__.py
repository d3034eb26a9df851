"""A recording for one test, and what the test may assert of it: what the fixtures of `testing` hand out."""
