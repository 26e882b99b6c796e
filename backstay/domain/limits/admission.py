"""The rules that only admission can judge, because they are about the whole account.

Owns the comparison of the account's book, as it would be with the order, with what is allowed. The
order itself counts once, also when it was approved before: asking twice takes no more room. What
can't be valued fails every rule about value.
"""

from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.limits.codes import RefusalCode, Verdict
from backstay.domain.limits.kill import KillMode
from backstay.domain.limits.question import AdmissionQuestion
from backstay.domain.limits.rules import bounded, session_closed, stale_data
from backstay.domain.limits.valuation import collar_around
from backstay.domain.orders.intent import prices_of
from backstay.domain.prices import percent_of


def wrong_account(asked: AdmissionQuestion) -> Verdict:
    """These limits are one account's."""
    mine, theirs = asked.settings.account, asked.intent.account
    text = f"the order is for {theirs}, the limits are for {mine}"
    return Verdict(RefusalCode.WRONG_ACCOUNT, mine == theirs, text)


def key_used(asked: AdmissionQuestion) -> Verdict:
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
    return Verdict(RefusalCode.KEY_USED, passed, f"{key} {state}")


def killed(asked: AdmissionQuestion) -> Verdict:
    """After a kill nothing opens until a person has resumed."""
    return _kill_verdict(asked, (KillMode.FREEZE, KillMode.FLATTEN))


def flattening(asked: AdmissionQuestion) -> Verdict:
    """What covers a risk may still leave after a freeze; when everything closes, it may not."""
    return _kill_verdict(asked, (KillMode.FLATTEN,))


def halted(asked: AdmissionQuestion) -> Verdict:
    """Entries wait while a halt concerns their symbol."""
    symbol = asked.intent.instrument.symbol
    reasons = [halt.reason for halt in asked.book.halts if halt.concerns(symbol)]
    text = f"entries in {symbol} wait for: {'; '.join(reasons) or 'nothing'}"
    return Verdict(RefusalCode.HALTED, not reasons, text)


def session_closed_now(asked: AdmissionQuestion) -> Verdict:
    """The session has to take an order that is meant for now."""
    if asked.waits_for_trigger:
        return _judged_at_trigger(RefusalCode.SESSION_CLOSED)
    return session_closed(asked)


def stale_data_now(asked: AdmissionQuestion) -> Verdict:
    """The data have to be good for an order that is meant for now."""
    if asked.waits_for_trigger:
        return _judged_at_trigger(RefusalCode.STALE_DATA)
    return stale_data(asked)


def no_exchange_rate(asked: AdmissionQuestion) -> Verdict:
    """Without a rate into the account's base currency an order can't be valued."""
    currency, base = asked.intent.instrument.currency, asked.settings.base_currency
    rates = asked.facts.rates
    priced = (rates.base, *(rate.currency for rate in rates.rates))
    known = rates.base == base and currency in priced
    text = f"the rate from {currency} into {base} is {'known' if known else 'not known'}"
    return Verdict(RefusalCode.NO_EXCHANGE_RATE, known, text)


def price_collar(asked: AdmissionQuestion) -> Verdict:
    """A price that is named must lie near the market, or near the trigger."""
    if asked.reference is None:
        return _unvalued(RefusalCode.PRICE_COLLAR)
    percent = asked.settings.collar_pct(asked.intent.instrument)
    collar = collar_around(asked.reference, percent)
    stray = [price for price in prices_of(asked.intent.terms) if not collar.holds(price)]
    text = (
        f"outside {collar}, {plain(percent)} % around {plain(asked.reference)}:"
        f" {', '.join(map(plain, stray)) or 'nothing'}"
    )
    return Verdict(RefusalCode.PRICE_COLLAR, not stray, text)


def order_value(asked: AdmissionQuestion) -> Verdict:
    """The position size, quantity x price x multiplier, in the base currency."""
    if asked.price is None or asked.unit_value is None:
        return _unvalued(RefusalCode.ORDER_VALUE)
    quantity, multiplier = asked.intent.quantity, asked.intent.instrument.multiplier
    value, bound = quantity * asked.unit_value, asked.settings.order_value_max
    text = (
        f"{plain(quantity)} x {plain(asked.price)} x {plain(multiplier)}"
        f" is {_money(asked, value)}; at most {_money(asked, bound)}"
    )
    return bounded(RefusalCode.ORDER_VALUE, value, bound, text)


def opposite_direction(asked: AdmissionQuestion) -> Verdict:
    """One contract is held in one direction: an entry finds nothing on the other side."""
    against = asked.book.across(asked.claim)
    symbol = asked.intent.instrument.symbol
    text = f"{plain(against)} of {symbol} stand against a {asked.intent.side}; none may"
    return bounded(RefusalCode.OPPOSITE_DIRECTION, against, Decimal(0), text)


def position_limit(asked: AdmissionQuestion) -> Verdict:
    """The position in one contract, once everything in flight has filled."""
    instrument = asked.intent.instrument
    size, bound = (
        asked.after.position_at_most(instrument.con_id),
        asked.settings.position_max(instrument),
    )
    text = f"the position in {instrument.symbol} could become {plain(size)}; at most {plain(bound)}"
    return bounded(RefusalCode.POSITION_LIMIT, size, bound, text)


def exposure_cap(asked: AdmissionQuestion) -> Verdict:
    """Everything in the account together, once everything in flight has filled."""
    if asked.unit_value is None:
        return _unvalued(RefusalCode.EXPOSURE_CAP)
    exposure, bound = asked.after.exposure, asked.settings.exposure_max
    text = (
        f"all positions could become worth {_money(asked, exposure)};"
        f" at most {_money(asked, bound)}"
    )
    return bounded(RefusalCode.EXPOSURE_CAP, exposure, bound, text)


def open_trades(asked: AdmissionQuestion) -> Verdict:
    """How many trades may be open at once."""
    count, bound = asked.after.open_trades, asked.settings.open_trades_max
    text = f"open trades would number {count}; at most {bound}"
    return bounded(RefusalCode.OPEN_TRADES, Decimal(count), Decimal(bound), text)


def daily_limit(asked: AdmissionQuestion) -> Verdict:
    """How many entries a trading day may have; whatever closes or covers is not among them."""
    day, bound = asked.facts.trading_day, asked.settings.entries_per_day_max
    count = asked.book.entries.count_with(asked.intent.key, day)
    text = f"entries on {day} would number {count}; at most {bound}"
    return bounded(RefusalCode.DAILY_LIMIT, Decimal(count), Decimal(bound), text)


def margin(asked: AdmissionQuestion) -> Verdict:
    """The margin of the order and of everything in flight, against the available funds."""
    code, known = RefusalCode.MARGIN, asked.facts.margin
    if known is None:
        return Verdict(code, passed=False, text="the broker has not said what margin it takes")
    percent = asked.settings.margin_pct_max
    required, bound = asked.after.margin_in_flight, percent_of(known.available, percent)
    text = (
        f"all orders in flight take {_money(asked, required)} of margin;"
        f" at most {_money(asked, bound)}, {plain(percent)} % of the available funds"
    )
    return bounded(code, required, bound, text)


def exceeds_position(asked: AdmissionQuestion) -> Verdict:
    """An order that reduces closes what is held or may come to be held, and no more."""
    quantity, closable = asked.intent.quantity, asked.book.across(asked.claim)
    symbol = asked.intent.instrument.symbol
    text = f"{plain(quantity)} of {symbol} are to be closed; at most {plain(closable)}"
    return bounded(RefusalCode.EXCEEDS_POSITION, quantity, closable, text)


def exceeds_uncovered(asked: AdmissionQuestion) -> Verdict:
    """An order that covers is bounded by the risk that has no hedge."""
    covering, bound = asked.after.covering(asked.intent.key), asked.facts.uncovered
    text = f"{plain(covering)} would be under way to cover {plain(bound)}"
    return bounded(RefusalCode.EXCEEDS_UNCOVERED, covering, bound, text)


def _kill_verdict(asked: AdmissionQuestion, forbidding: tuple[KillMode, ...]) -> Verdict:
    kill = asked.book.kill
    text = f"the kill state of epoch {kill.epoch} is {kill.text}"
    return Verdict(RefusalCode.KILLED, kill.mode not in forbidding, text)


def _judged_at_trigger(code: RefusalCode) -> Verdict:
    return Verdict(code, passed=True, text="judged when the trigger is reached")


def _unvalued(code: RefusalCode) -> Verdict:
    return Verdict(code, passed=False, text="the order can't be valued")


def _money(asked: AdmissionQuestion, amount: Decimal) -> str:
    return f"{plain(amount)} {asked.settings.base_currency}"
