"""Tells quickly in which parts of many requests nothing can be, so that nobody has to peel them.

`core` is the sieve in C, `sieve` that in numpy: whoever has the first need not import the second.
"""
