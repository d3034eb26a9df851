"""HAR 1.2 in the dialects of the tools that write it.

Names are HAR's own here: an *entry* is an object of ``log.entries``, a *page* one of ``log.pages``.
"""
