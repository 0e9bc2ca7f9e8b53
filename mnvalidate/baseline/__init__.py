"""A model as it was: what a baseline holds, its file, and how what is measured now differs from it."""
