"""Asks of many values at once whether a layer may open them, so that most need not be tried one by one.

The conditions themselves stand with their layers; here are the values, and what conditions have in common.
Whoever imports this imports numpy, which only pays for many values: layers import it where they are asked.
"""
