"""``python -m mnvalidate``."""

import sys

from mnvalidate.cli import main

if __name__ == "__main__":
    sys.exit(main())
