"""`python -m qwatt`."""

from qwatt.cli import main

main()
