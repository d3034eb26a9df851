"""Apps of the simulated phones: what each records, as data with sources, and the code that does it."""
