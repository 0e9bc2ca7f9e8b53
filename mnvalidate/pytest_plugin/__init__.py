"""The pytest plugin: hooks and fixtures in `hooks`, all of pytest-xdist in `workers`."""
