"""Whether what happened may happen.

Owns the rehearsal's own judgement. It looks at the log, the tape and the books from outside and
knows none of the reasons, so that a wrong decision shows and is not explained away.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.hedging.exposure import Group, LegRole
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.orders.reports import ExecutionReported
from backstay.lab.rehearsal.desk import LogLine, Step
from backstay.lab.rehearsal.tape import Tape
from backstay.lab.telling import Check
from backstay.lab.words import count

_SENT = (Step.SENT, Step.CHANGED)


def every_order_was_written(log: Iterable[LogLine]) -> Check:
    """No order, and no change of one, leaves before its intent is written."""
    written: set[IntentKey] = set()
    sent: set[IntentKey] = set()
    unwritten: set[IntentKey] = set()
    for line in log:
        if line.step is Step.WRITTEN:
            written.add(line.key)
        elif line.step in _SENT:
            sent.add(line.key)
            unwritten |= {line.key} - written
    orders = count(len(sent), "order")
    found = f"{orders}, {len(sent - unwritten)} with an intent before"
    return Check("every order had its intent written first", bool(sent) and not unwritten, found)


def one_at_a_time(log: Iterable[LogLine], name: str, belongs: Callable[[IntentKey], bool]) -> Check:
    """Of some sort of order, none leaves while another one is not proven over."""
    live: set[IntentKey] = set()
    sent, together = 0, 0
    for line in log:
        if not belongs(line.key):
            continue
        if line.step is Step.SENT:
            sent += 1
            together += bool(live)
            live.add(line.key)
        elif line.step is Step.OVER:
            live.discard(line.key)
    text = f"no two {name} were live at once"
    return Check(text, not together, f"{sent} sent, {together} beside another")


def booked_as_executed(booked: Decimal, tape: Tape) -> Check:
    """What is booked is what the tape's executions come to, each counted once."""
    executed = sum(_standing(tape, tape.items[-1].at if tape.items else tape.begins).values())
    found = f"{plain(booked)} of {plain(Decimal(executed))} units"
    return Check("every execution is booked, and once", booked == executed, found)


def nothing_strange(strays: int) -> Check:
    """The broker spoke of nothing that was not sent or asked."""
    return Check("nothing came that was not waited for", not strays, count(strays, "stray"))


def risk_within_hedge(log: Iterable[LogLine], group: Group, tape: Tape) -> Check:
    """No risk left that the hedge filled by then did not cover, leg by leg."""
    sent: dict[int, Decimal] = {}
    beyond, orders = 0, 0
    for line in log:
        leg = line.key.leg
        if line.step is not Step.SENT or group.legs[leg].role is not LegRole.RISK:
            continue
        orders += 1
        sent[leg] = sent.get(leg, Decimal()) + line.quantity
        units = sent[leg] / group.legs[leg].ratio
        for hedge in group.hedges_of(leg):
            beyond += units * group.legs[hedge].ratio > _filled(tape, hedge, line.at)
    text = "risk was sold against filled hedge only"
    return Check(text, bool(orders) and not beyond, f"{orders} orders, {beyond} beyond their hedge")


def called_for_what_is_exposed(called_for: Decimal | None, exposed: Decimal) -> Check:
    """The person was told of exactly what is uncovered."""
    called = called_for or Decimal()
    found = f"called for {plain(called)}, exposed {plain(exposed)}"
    return Check("a person was told exactly what is exposed", called == exposed, found)


def is_hedge(key: IntentKey) -> bool:
    """Whether the order is an emergency hedge."""
    return key.purpose is Purpose.HEDGE


def _filled(tape: Tape, leg: int, until: datetime) -> Decimal:
    """What the tape's executions have filled of one leg by then."""
    standing = _standing(tape, until)
    return sum((size for (at, _), size in standing.items() if at == leg), Decimal())


def _standing(tape: Tape, until: datetime) -> dict[tuple[int, str], Decimal]:
    """The quantity of each fill that was told by then, by leg; the highest version counts."""
    versions: dict[tuple[int, str], tuple[int, Decimal]] = {}
    for told in tape.told:
        if told.at <= until and isinstance(told.report, ExecutionReported):
            name, version = execution_id_parts(told.report.exec_id)
            fill = int(told.order.partition(":")[0]), name
            newest = version, told.report.quantity
            versions[fill] = max(versions.get(fill, newest), newest)
    return {fill: quantity for fill, (_, quantity) in versions.items()}
