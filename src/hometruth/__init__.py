"""Finds out what a phone, an app or a browser says when it phones home, and proves it."""
