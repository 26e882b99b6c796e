"""The rules that admission and the last hop share.

Owns one small function for each rule: it looks at a question and returns what it found, whose line
reads the same whether it passes or not. No rule knows which orders it binds, nor what comes before
or after it; that stands in the tables of `check` and `last_hop`.
"""

from collections.abc import Callable
from decimal import Decimal

from backstay.domain.exits.rules import GENERATIONS_MAX, SHIELD_GENERATIONS_MAX
from backstay.domain.figures import plain, seconds
from backstay.domain.ids import Effect, Purpose
from backstay.domain.limits.codes import Finding, RefusalCode
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.question import Question
from backstay.domain.limits.settings import TradingMode
from backstay.domain.orders.intent import Limit, Market, OrderIntent, StopLimit
from backstay.domain.sessions import MarketPhase
from backstay.domain.ticks.freshness import SILENCE_MAX

_EVERY_PHASE = tuple(MarketPhase)
_SILENCE_SECONDS_MAX = seconds(SILENCE_MAX)


def fractional(asked: Question) -> Finding:
    """Whole units only: a fractional remainder is reported, never chased."""
    quantity = asked.intent.quantity
    whole = quantity == quantity.to_integral_value()
    return Finding(
        RefusalCode.FRACTIONAL,
        whole,
        lambda: f"the quantity is {plain(quantity)}; whole units only",
        quantity,
    )


def trading_disabled(asked: Question) -> Finding:
    """Trading is enabled by a decision, not by leaving something out."""
    mode = asked.settings.trading
    enabled = mode is not TradingMode.DISABLED
    return Finding(RefusalCode.TRADING_DISABLED, enabled, lambda: f"trading is set to {mode}")


def live_not_armed(asked: Question) -> Finding:
    """A live account needs the live mode and the arming."""
    settings = asked.settings
    armed = settings.trading is TradingMode.LIVE and settings.live_armed
    passed = armed or asked.account_kind is AccountKind.PAPER
    return Finding(
        RefusalCode.LIVE_NOT_ARMED,
        passed,
        lambda: f"{_account_kind(asked)}, live trading is {'armed' if armed else 'not armed'}",
    )


def account_mode(asked: Question) -> Finding:
    """Whoever believes to be trading live is told that this account is paper."""
    pretends = asked.settings.trading is TradingMode.LIVE
    passed = not (pretends and asked.account_kind is AccountKind.PAPER)
    return Finding(
        RefusalCode.ACCOUNT_MODE,
        passed,
        lambda: f"{_account_kind(asked)}, trading is set to {asked.settings.trading}",
    )


def symbol_blocked(asked: Question) -> Finding:
    """The restricted list."""
    symbol = asked.intent.instrument.symbol
    blocked = asked.settings.blocks(symbol)
    return Finding(
        RefusalCode.SYMBOL_BLOCKED,
        not blocked,
        lambda: f"{symbol} is {'on' if blocked else 'not on'} the restricted list",
    )


def session_closed(asked: Question) -> Finding:
    """An order leaves only into a phase in which it does what it is meant to do."""
    phases = phases_for(asked.intent)
    return Finding(
        RefusalCode.SESSION_CLOSED,
        asked.phase in phases,
        lambda: f"the market's phase is {asked.phase}; this order leaves in {' or '.join(phases)}",
    )


def phases_for(intent: OrderIntent) -> tuple[MarketPhase, ...]:
    """The phases into which `intent` may leave.

    A market order that misses its session waits for the next one (399), whoever sent it and why.
    Protection may always be placed: it is there when the market is.
    """
    if isinstance(intent.terms, Market):
        return (MarketPhase.REGULAR,)
    if intent.key.purpose.effect is not Effect.OPENS:
        return _EVERY_PHASE
    if intent.outside_regular_hours and isinstance(intent.terms, Limit | StopLimit):
        return (MarketPhase.REGULAR, MarketPhase.EXTENDED)
    return (MarketPhase.REGULAR,)


def no_reference(asked: Question) -> Finding:
    """Without a price on its side of the market an order can't be valued."""
    reference = asked.reference

    def text() -> str:
        found = "not known" if reference is None else plain(reference)
        return f"the price to {asked.intent.side} {asked.intent.instrument.symbol} at is {found}"

    return Finding(RefusalCode.NO_REFERENCE, reference is not None, text, reference)


def stale_data(asked: Question) -> Finding:
    """A quote decides only while its feed lives and nothing is wrong with it."""
    code, touch, symbol = RefusalCode.STALE_DATA, asked.touch, asked.intent.instrument.symbol
    if touch is None:
        return Finding(code, passed=False, text=lambda: f"{symbol} has no quote")
    flaw = touch.flaw
    if flaw is not None:
        return Finding(code, passed=False, text=lambda: f"the quote of {symbol} is {flaw}")
    silence, bound = seconds(asked.now - touch.heard_at), _SILENCE_SECONDS_MAX
    return Finding(
        code,
        silence < bound,
        lambda: f"{symbol} was heard of {plain(silence)} s ago; less than {plain(bound)} s",
        silence,
        bound,
    )


def rate(asked: Question) -> Finding:
    """So many seconds between two entries in one symbol."""
    code, symbol = RefusalCode.RATE, asked.intent.instrument.symbol
    bound = asked.settings.entry_interval_seconds_min
    if asked.last_entry_at is None:
        return Finding(
            code, passed=True, text=lambda: f"no entry in {symbol} before this one", bound=bound
        )
    elapsed = seconds(asked.now - asked.last_entry_at)
    return Finding(
        code,
        elapsed >= bound,
        lambda: f"the last entry in {symbol} was {plain(elapsed)} s ago; at least {plain(bound)} s",
        elapsed,
        bound,
    )


def too_many_generations(asked: Question) -> Finding:
    """The exits of a trade are bounded by number, so that no loop of them can run away."""
    key = asked.intent.key
    bound = SHIELD_GENERATIONS_MAX if key.purpose is Purpose.PROTECT else GENERATIONS_MAX
    return bounded(
        RefusalCode.TOO_MANY_GENERATIONS,
        Decimal(key.generation),
        Decimal(bound),
        lambda: f"{key} is generation {key.generation}; at most {bound}",
    )


def bounded(
    code: RefusalCode, measured: Decimal, bound: Decimal, text: Callable[[], str]
) -> Finding:
    """The verdict of a rule that allows up to `bound`, that included."""
    return Finding(code, measured <= bound, text, measured, bound)


def _account_kind(asked: Question) -> str:
    return f"{asked.intent.account} is a {asked.account_kind} account"
