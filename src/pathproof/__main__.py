"""`python -m pathproof` is the same as `pathproof`."""

from pathproof.cli import main

if __name__ == "__main__":
    main()
