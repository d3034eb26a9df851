"""Synthetic owners: who uses the simulated phones, with habits and a daily rhythm. Nobody of them is real.

Every number in here is invented: no study of real people was used, and nothing found about these owners says
how well real people can be told apart.
"""
