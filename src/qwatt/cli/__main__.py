"""`python -m qwatt.cli`."""

from qwatt.cli import main

main()
