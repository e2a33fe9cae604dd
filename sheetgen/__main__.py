"""The `sheetgen` command; also `python -m sheetgen`."""

import gc
import sys


def main() -> None:
    """Run the command; Ctrl-C ends it at any time with 130, and without a traceback."""
    gc.set_threshold(100_000)  # loading makes many objects and no garbage
    try:
        from sheetgen.cmd import cli  # takes a moment, in which Ctrl-C may come

        cli.main()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
