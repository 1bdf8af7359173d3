"""Run the command line as ``python -m mushin``."""

import sys

from mushin.entry import main_of_process

if __name__ == "__main__":
    sys.exit(main_of_process())
