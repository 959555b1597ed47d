"""The command line, one file a verb."""


def main() -> None:
    """Run the `qwatt` command."""
    from qwatt.cli.app import run

    run()
