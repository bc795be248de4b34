"""`python -m tests.reference DIR`: every case of a folder, agreeing or not."""

import sys
from pathlib import Path

from tests.reference.runner import run

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.reference DIR")
    sys.exit(run(Path(sys.argv[1])))
