"""Measures Hometruth and its peers: a scored corpus, a floor, a runner. Never imported by `hometruth`."""
