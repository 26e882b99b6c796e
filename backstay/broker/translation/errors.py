"""What each error code means."""


def refuses_a_request(code: int) -> bool:
    """Whether a request that is told this code will get no other answer."""
    return code // 100 != 21 and code not in {399, 10167}  # noqa: PLR2004
