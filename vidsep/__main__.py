"""``python -m vidsep`` does what ``vidsep`` does."""

from vidsep.cli import main

if __name__ == "__main__":
    main()
