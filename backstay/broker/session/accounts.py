"""Whether the login that the gateway has is the one that we trade.

The broker gives the kind of an account away by its id: paper accounts begin with DU, and DF is the
paper account of an adviser. Whatever else it is called, it is taken to be real money.
"""

from collections.abc import Sequence

from backstay.domain.limits.facts import AccountKind

PAPER_PREFIXES = ("DU", "DF")


def kind_of(account: str) -> AccountKind:
    """What an account is, by its id."""
    return AccountKind.PAPER if account.startswith(PAPER_PREFIXES) else AccountKind.LIVE


def mismatch(account: str, kind: AccountKind, reported: Sequence[str]) -> str | None:
    """What speaks against trading `account` as `kind` on this login, or None."""
    if account not in reported:
        return f"the gateway is logged in to {', '.join(reported) or 'no account'}, not {account}"
    is_kind = kind_of(account)
    if is_kind is not kind:
        return f"{account} is a {is_kind} account, and {kind} is configured"
    return None
