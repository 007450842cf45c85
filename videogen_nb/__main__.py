"""``python -m videogen_nb``: the same as the command ``videogen-nb``."""

from .cli import main

if __name__ == "__main__":
    main()
