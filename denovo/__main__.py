"""`python -m denovo`: the `denovo` command."""

from denovo.cli import main

if __name__ == "__main__":
    main()
