"""Encoders of the standard library, of other people's libraries, or written from the standard by hand."""
