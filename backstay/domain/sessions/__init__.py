"""When the market is open, and when the broker is away.

- calendar: the sessions of an instrument, and what can be asked of them
- trading_hours: how IB writes them, read in the time zone of the exchange
- broker_day: the broker's own day, its nightly restart and its weekly login
"""

from backstay.domain.sessions.calendar import MarketPhase

__all__ = ["MarketPhase"]
