"""What every test run loads, whichever folder it is given."""

pytest_plugins = ["tests.notebooks.plugin"]
