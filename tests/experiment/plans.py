"""Small plans for tests."""

SMALL = """
[plan]
id = "small"
title = "A small plan"
phantoms = 10
window = "for 60 s"

[subject]
driver = "lab"
kind = "simulated"
name = "Redmi Note 8"
vendor = "Xiaomi"
product = "Mint Browser"
device = "redmi-note-8"

[[expected]]
kind = "page"
host = "{canary}.sites.example"
path = "/story/{canary}"
parts = ["host", "path"]

[[series]]
id = "matrix"
blocks = 3
actions = ["visit", "search"]
installation = ["version", "consent"]

[[series.cell]]
[series.cell.levels]
version = ["3.4.0", "3.4.3"]
mode = ["normal", "incognito"]
consent = ["none", "given"]

[[series]]
id = "rotation"
actions = ["visit"]

[[series.cell]]
blocks = 2
days = [0, 91]
[series.cell.levels]
version = ["3.4.0"]
"""
