"""The `sheetgen` command; also `python -m sheetgen`."""

import gc
import os
import sys


def main() -> None:
    """Run the command; Ctrl-C ends it at any time with 130, and without a traceback."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small, and threads only wait for one another
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for some means reading all packages' metadata
    gc.set_threshold(250_000)  # loading makes many objects and no garbage
    try:
        from sheetgen.cmd import ending

        ending.run(_command)
    except KeyboardInterrupt:  # before it was ready for signals
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
    finally:
        gc.freeze()  # Python ends at once, without looking for garbage first


def _command() -> int:
    from sheetgen.cmd import cli  # takes a moment

    return cli.main()


if __name__ == "__main__":
    main()
