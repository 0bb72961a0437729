"""The command line, a module for each command: `HELP`, `add_arguments`, `main`.

A module imports at its head only what its arguments need: all of them are loaded for `--help` and
for every start, and the database is launched before the slow imports of a run.
"""
