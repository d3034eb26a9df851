"""Fixtures for tests of other people's software: pytest loads `plugin`, and a fixture loads the rest."""
