"""The rules that only admission can judge, because they are about the whole account.

Owns the comparison of the account's book, as it would be with the order, with what is allowed. The
order itself counts once, also when it was approved before: asking twice takes no more room. What
can't be valued fails every rule about value.
"""

from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.limits.codes import Finding, RefusalCode
from backstay.domain.limits.kill import KillMode
from backstay.domain.limits.question import AdmissionQuestion
from backstay.domain.limits.rules import bounded, session_closed, stale_data
from backstay.domain.limits.valuation import collar_around
from backstay.domain.orders.intent import prices_of
from backstay.domain.prices import percent_of


def wrong_account(asked: AdmissionQuestion) -> Finding:
    """These limits are one account's."""
    mine, theirs = asked.settings.account, asked.intent.account
    return Finding(
        RefusalCode.WRONG_ACCOUNT,
        mine == theirs,
        lambda: f"the order is for {theirs}, the limits are for {mine}",
    )


def key_used(asked: AdmissionQuestion) -> Finding:
    """A key names one order, and never another after that one has ended.

    A request that is delivered twice may come back when its trade is long settled.
    """
    key = asked.intent.key
    known = asked.book.claim(key)
    if known is None and asked.book.entries.knows(key):
        state, passed = "has been settled", False
    elif known is None:
        state, passed = "is new", True
    elif not known.is_same_order(asked.claim):
        state, passed = "names another order", False
    elif known.ended:
        state, passed = "has ended", False
    else:
        state, passed = "was approved before", True
    return Finding(RefusalCode.KEY_USED, passed, lambda: f"{key} {state}")


def killed(asked: AdmissionQuestion) -> Finding:
    """After a kill nothing opens until a person has resumed."""
    return _kill_verdict(asked, (KillMode.FREEZE, KillMode.FLATTEN))


def flattening(asked: AdmissionQuestion) -> Finding:
    """What covers a risk may still leave after a freeze; when everything closes, it may not."""
    return _kill_verdict(asked, (KillMode.FLATTEN,))


def halted(asked: AdmissionQuestion) -> Finding:
    """Entries wait while a halt concerns their symbol."""
    symbol = asked.intent.instrument.symbol
    reasons = [halt.reason for halt in asked.book.halts if halt.concerns(symbol)]
    return Finding(
        RefusalCode.HALTED,
        not reasons,
        lambda: f"entries in {symbol} wait for: {'; '.join(reasons) or 'nothing'}",
    )


def session_closed_now(asked: AdmissionQuestion) -> Finding:
    """The session has to take an order that is meant for now."""
    if asked.waits_for_trigger:
        return _judged_at_trigger(RefusalCode.SESSION_CLOSED)
    return session_closed(asked)


def stale_data_now(asked: AdmissionQuestion) -> Finding:
    """The data have to be good for an order that is meant for now."""
    if asked.waits_for_trigger:
        return _judged_at_trigger(RefusalCode.STALE_DATA)
    return stale_data(asked)


def no_exchange_rate(asked: AdmissionQuestion) -> Finding:
    """Without a rate into the account's base currency an order can't be valued."""
    currency, base = asked.intent.instrument.currency, asked.settings.base_currency
    rates = asked.facts.rates
    priced = (rates.base, *(rate.currency for rate in rates.rates))
    known = rates.base == base and currency in priced
    return Finding(
        RefusalCode.NO_EXCHANGE_RATE,
        known,
        lambda: f"the rate from {currency} into {base} is {'known' if known else 'not known'}",
    )


def price_collar(asked: AdmissionQuestion) -> Finding:
    """A price that is named must lie near the market, or near the trigger."""
    reference = asked.reference
    if reference is None:
        return _unvalued(RefusalCode.PRICE_COLLAR)
    percent = asked.settings.collar_pct(asked.intent.instrument)
    collar = collar_around(reference, percent)
    stray = [price for price in prices_of(asked.intent.terms) if not collar.holds(price)]
    return Finding(
        RefusalCode.PRICE_COLLAR,
        not stray,
        lambda: (
            f"outside {collar}, {plain(percent)} % around {plain(reference)}:"
            f" {', '.join(map(plain, stray)) or 'nothing'}"
        ),
    )


def order_value(asked: AdmissionQuestion) -> Finding:
    """The position size, quantity x price x multiplier, in the base currency."""
    price = asked.price
    if price is None or asked.unit_value is None:
        return _unvalued(RefusalCode.ORDER_VALUE)
    quantity, multiplier = asked.intent.quantity, asked.intent.instrument.multiplier
    value, bound = quantity * asked.unit_value, asked.settings.order_value_max
    return bounded(
        RefusalCode.ORDER_VALUE,
        value,
        bound,
        lambda: (
            f"{plain(quantity)} x {plain(price)} x {plain(multiplier)}"
            f" is {_money(asked, value)}; at most {_money(asked, bound)}"
        ),
    )


def opposite_direction(asked: AdmissionQuestion) -> Finding:
    """One contract is held in one direction: an entry finds nothing on the other side."""
    against = asked.book.across(asked.claim)
    symbol = asked.intent.instrument.symbol
    return bounded(
        RefusalCode.OPPOSITE_DIRECTION,
        against,
        Decimal(0),
        lambda: f"{plain(against)} of {symbol} stand against a {asked.intent.side}; none may",
    )


def position_limit(asked: AdmissionQuestion) -> Finding:
    """The position in one contract, once everything in flight has filled."""
    instrument = asked.intent.instrument
    size, bound = (
        asked.after.position_at_most(instrument.con_id),
        asked.settings.position_max(instrument),
    )
    symbol = instrument.symbol
    return bounded(
        RefusalCode.POSITION_LIMIT,
        size,
        bound,
        lambda: f"the position in {symbol} could become {plain(size)}; at most {plain(bound)}",
    )


def exposure_cap(asked: AdmissionQuestion) -> Finding:
    """Everything in the account together, once everything in flight has filled."""
    if asked.unit_value is None:
        return _unvalued(RefusalCode.EXPOSURE_CAP)
    exposure, bound = asked.after.exposure, asked.settings.exposure_max
    return bounded(
        RefusalCode.EXPOSURE_CAP,
        exposure,
        bound,
        lambda: (
            f"all positions could become worth {_money(asked, exposure)};"
            f" at most {_money(asked, bound)}"
        ),
    )


def open_trades(asked: AdmissionQuestion) -> Finding:
    """How many trades may be open at once."""
    count, bound = asked.after.open_trades, asked.settings.open_trades_max
    return bounded(
        RefusalCode.OPEN_TRADES,
        Decimal(count),
        Decimal(bound),
        lambda: f"open trades would number {count}; at most {bound}",
    )


def daily_limit(asked: AdmissionQuestion) -> Finding:
    """How many entries a trading day may have; whatever closes or covers is not among them."""
    day, bound = asked.facts.trading_day, asked.settings.entries_per_day_max
    count = asked.book.entries.count_with(asked.intent.key, day)
    return bounded(
        RefusalCode.DAILY_LIMIT,
        Decimal(count),
        Decimal(bound),
        lambda: f"entries on {day} would number {count}; at most {bound}",
    )


def margin(asked: AdmissionQuestion) -> Finding:
    """The margin of the order and of everything in flight, against the available funds."""
    code, known = RefusalCode.MARGIN, asked.facts.margin
    if known is None:
        return Finding(
            code, passed=False, text=lambda: "the broker has not said what margin it takes"
        )
    percent = asked.settings.margin_pct_max
    required, bound = asked.after.margin_in_flight, percent_of(known.available, percent)
    return bounded(
        code,
        required,
        bound,
        lambda: (
            f"all orders in flight take {_money(asked, required)} of margin;"
            f" at most {_money(asked, bound)}, {plain(percent)} % of the available funds"
        ),
    )


def exceeds_position(asked: AdmissionQuestion) -> Finding:
    """An order that reduces closes what is held or may come to be held, and no more."""
    quantity, closable = asked.intent.quantity, asked.book.across(asked.claim)
    symbol = asked.intent.instrument.symbol
    return bounded(
        RefusalCode.EXCEEDS_POSITION,
        quantity,
        closable,
        lambda: f"{plain(quantity)} of {symbol} are to be closed; at most {plain(closable)}",
    )


def exceeds_uncovered(asked: AdmissionQuestion) -> Finding:
    """An order that covers is bounded by the risk that has no hedge."""
    covering, bound = asked.after.covering(asked.intent.key), asked.facts.uncovered
    return bounded(
        RefusalCode.EXCEEDS_UNCOVERED,
        covering,
        bound,
        lambda: f"{plain(covering)} would be under way to cover {plain(bound)}",
    )


def _kill_verdict(asked: AdmissionQuestion, forbidding: tuple[KillMode, ...]) -> Finding:
    kill = asked.book.kill
    return Finding(
        RefusalCode.KILLED,
        kill.mode not in forbidding,
        lambda: f"the kill state of epoch {kill.epoch} is {kill.text}",
    )


def _judged_at_trigger(code: RefusalCode) -> Finding:
    return Finding(code, passed=True, text=lambda: "judged when the trigger is reached")


def _unvalued(code: RefusalCode) -> Finding:
    return Finding(code, passed=False, text=lambda: "the order can't be valued")


def _money(asked: AdmissionQuestion, amount: Decimal) -> str:
    return f"{plain(amount)} {asked.settings.base_currency}"
