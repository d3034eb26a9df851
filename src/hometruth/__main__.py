"""`python -m hometruth`."""

from hometruth.cli import main

if __name__ == "__main__":
    main()
