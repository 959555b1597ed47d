"""The command line, one file a verb."""

import gc
import os
import sys


def main() -> None:
    """Run the `qwatt` command."""
    # Idle OpenMP threads sleep instead of spinning: a spinning thread is charged as if it worked.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    # Imports make many objects that stay: to look for rubbish among them takes a tenth of their time.
    gc.set_threshold(10_000)

    try:
        from qwatt.cli.app import run

        run()
    except KeyboardInterrupt:  # while the verbs are imported; later ones end themselves
        sys.exit(130)
