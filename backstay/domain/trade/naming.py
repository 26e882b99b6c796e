"""How a trade is called by those who steer it.

A trade has three names: the id of its plan, the eight characters that stand in its keys, and the id
of its workflow. What a person types may be any of them, or the whole key of one of its orders.
Nothing here knows which trades there are; whoever does is told what to look for, and which of the
plans that he has come closest to a name that nobody has.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from backstay.domain.ids import is_trade_id, parse_order_ref, trade_id
from backstay.domain.plan.scalars import Account, PlanId

NEAR_MAX = 3
"""How many plans are named in the place of one that does not exist."""

_PLAN_ID: TypeAdapter[str] = TypeAdapter(PlanId)
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
_WORKFLOW_ID = re.compile(r"trade:(?P<account>[^:]*):(?P<plan_id>.*)")


class NotANameError(ValueError):
    """The text can be no name of a trade; the message is one line."""


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody may mean: a plan, in an account where that was said, or a code, or either."""

    text: str
    account: str | None = None
    plan_id: str | None = None
    code: str | None = None


def workflow_id(account: str, plan_id: str) -> str:
    """The name under which the life of a trade is written down."""
    return f"trade:{account}:{plan_id}"


def read_name(text: str) -> Name:
    """What `text` may mean; NotANameError if no trade can be called so."""
    if match := _WORKFLOW_ID.fullmatch(text):
        account, plan_id = match["account"], match["plan_id"]
        if _fits(_ACCOUNT, account) and _fits(_PLAN_ID, plan_id):
            return Name(text, account=account, plan_id=plan_id)
    elif key := parse_order_ref(text):
        return Name(text, code=key.trade)
    elif _fits(_PLAN_ID, text):
        code = text.upper()
        return Name(text, plan_id=text, code=code if is_trade_id(code) else None)
    raise NotANameError(
        f"{text!r} names no trade; expected the id of a plan, the eight characters of a trade, or"
        " trade:ACCOUNT:PLAN"
    )


def meant(name: Name, account: str, plan_ids: Iterable[str]) -> tuple[str, ...]:
    """The plans of `account` that are called so; more than one where a code of one is the id of
    another, or where two have one code.
    """
    return tuple(
        plan_id
        for plan_id in plan_ids
        if plan_id == name.plan_id or trade_id(account, plan_id) == name.code
    )


def nearest(name: Name, account: str, plan_ids: Iterable[str]) -> tuple[str, ...]:
    """What was perhaps meant, where nothing is called so: ids of plans, or codes."""
    known = sorted(set(plan_ids))
    if name.plan_id is None:
        codes = [trade_id(account, plan_id) for plan_id in known]
        return tuple(get_close_matches(name.code or "", codes, NEAR_MAX))
    by_folded = {plan_id.casefold(): plan_id for plan_id in known}
    found = get_close_matches(name.plan_id.casefold(), by_folded, NEAR_MAX)
    return tuple(by_folded[each] for each in found)


def _fits(kind: TypeAdapter[str], text: str) -> bool:
    try:
        kind.validate_python(text)
    except ValidationError:
        return False
    return True
