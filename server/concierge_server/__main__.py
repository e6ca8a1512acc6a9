"""Lets `python -m concierge_server` stand for the `concierge` command."""

from concierge_server.cli import main

main(prog_name="concierge")
