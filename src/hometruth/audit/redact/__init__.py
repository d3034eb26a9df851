"""The public twin of a recording or a case: what is personal replaced, and shown to be gone."""
