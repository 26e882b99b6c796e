"""What can be asked, and how long an answer may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of question. `is_told_apart`: a late answer can't pass for that to a later one."""

    name: str
    seconds_max: float
    is_told_apart: bool = True
    is_proof: bool = False
    """Whether it may leave while everything else is held, because it proves the session."""

    is_one_message: bool = False
    """Whether the answer comes in one message, so that it is over with it, readable or not."""


CURRENT_TIME = Kind("current time", 4, is_told_apart=False, is_proof=True, is_one_message=True)
"""The gateway answers it by itself, at once; who takes longer is not there."""

OPEN_ORDERS = Kind("open orders", 10, is_told_apart=False)
"""From the gateway's memory; thousands of orders take a few seconds."""

COMPLETED_ORDERS = Kind("completed orders", 20, is_told_apart=False)
"""The gateway asks IB for them, and a day may have many."""

EXECUTIONS = Kind("executions", 15)
"""The gateway may have to ask IB; it is known to give no answer at times, so it is asked again."""

POSITIONS = Kind("positions", 10, is_told_apart=False)
"""From the gateway's memory."""

ACCOUNT = Kind("account", 10, is_told_apart=False)
"""From the gateway's memory, after it has subscribed to the account."""

CONTRACT_DETAILS = Kind("contract details", 15)
"""Asked of IB; a whole class of options takes seconds."""

OPTION_PARAMETERS = Kind("option parameters", 20)
"""Asked of IB; one answer for each exchange."""

MARKET_RULE = Kind("market rule", 10, is_one_message=True)
"""Named by its number, and the same whenever it is told."""

BARS = Kind("bars", 30, is_one_message=True)
"""The data farm queues them."""

WHAT_IF = Kind("what-if", 10)
"""Computed at IB; a person waits for it."""
