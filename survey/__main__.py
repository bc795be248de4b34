"""`survey …` and `python -m survey …`."""

from survey.cli.program import main

if __name__ == "__main__":
    main()
