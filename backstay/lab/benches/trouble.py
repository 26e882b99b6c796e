"""What keeps a bench from measuring."""


class BenchError(Exception):
    """Something that is measured does not do what it should, so there is nothing to report."""
