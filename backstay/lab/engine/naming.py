"""Names that only the engine gives: the same in every run, and shaped as the real ones are."""

from hashlib import blake2b

NAMESPACE = "default"


def shaped(kind: str, number: int) -> str:
    """A name of the shape of a UUID, for the so-and-so-many-th thing of its kind."""
    return named(kind, str(number))


def named(kind: str, what: str) -> str:
    """A name of that shape for something that can be told."""
    digest = blake2b(f"{kind} {what}".encode(), digest_size=16).hexdigest()
    parts = digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]
    return "-".join(parts)


NAMESPACE_ID = shaped("namespace", 1)
