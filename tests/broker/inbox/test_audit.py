"""The protection audit: what it sees, and when it tells."""

from decimal import Decimal

import pytest

from backstay.broker.inbox.audit import AUDIT_EVERY_SECONDS, Described, ProtectionAudit
from backstay.broker.news import News
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import Limit, Market, OcaGroup, Stop
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.audit import Fault
from backstay.domain.sides import Side
from tests.broker.inbox.told import (
    AAPL,
    CON_ID,
    STOP,
    Heard,
    at,
    fill,
    order,
    position,
    status,
)

STOP_TERMS = Stop(Decimal("9.00"))


class Audited:
    """An inbox that is audited every so many seconds, by default every five."""

    def __init__(self, described: Described | None = None) -> None:
        self.heard = Heard()
        self.described: Described | None = described or Described(AAPL, False, Decimal(10))
        self.audit = ProtectionAudit(
            self.heard.inbox,
            lambda con_id: self.described if con_id == CON_ID else None,
            PESSIMISTIC,
            lambda: at(self.heard.seconds),
            self.heard.notices.append,
        )

    def faults(self, seconds: float = 5) -> list[Fault]:
        self.heard.seconds += seconds
        return [finding.fault for finding in self.audit.run()]


def protected(**stop: object) -> Audited:
    audited = Audited()
    given = {"side": Side.SELL, "terms": STOP_TERMS} | stop
    audited.heard.hear(position(100), order(STOP, **given)).sync(CON_ID)  # type: ignore[arg-type]
    return audited


@pytest.mark.req("X.8")
def test_a_stop_of_the_right_size_is_nothing_to_tell() -> None:
    assert protected().faults() == []


@pytest.mark.req("X.8")
@pytest.mark.parametrize(
    ("stop", "faults"),
    [
        ({"quantity": 60}, [Fault.TOO_LITTLE]),
        ({"quantity": 160}, [Fault.TOO_MUCH]),
        ({"side": Side.BUY}, [Fault.UNPROTECTED, Fault.WRONG_SIDE]),
        ({"time_in_force": "DAY"}, [Fault.EXPIRES]),
        ({"time_in_force": "OPG"}, [Fault.EXPIRES]),
        ({"terms": Stop(Decimal("1.00"))}, [Fault.TOO_FAR]),
        ({"status": "Inactive"}, [Fault.UNPROTECTED]),
        ({"status": "PendingSubmit"}, [Fault.UNPROTECTED]),
        ({"terms": None}, []),
        ({"terms": Limit(Decimal(9))}, []),
    ],
)
def test_everything_about_the_stop_is_judged(stop: dict[str, object], faults: list[Fault]) -> None:
    assert protected(**stop).faults() == faults


def test_a_stop_sleeps_in_hours_in_which_the_position_is_held() -> None:
    audited = protected()
    audited.described = Described(AAPL, True, Decimal(10))
    assert audited.faults() == [Fault.SLEEPS]


def test_the_members_of_a_group_count_once() -> None:
    audited = protected(oca=OcaGroup("g", 2))
    exit_key = STOP.__class__(STOP.trade, 0, STOP.purpose.EXIT_STOP, 1)
    audited.heard.hear(order(exit_key, order_id=6, perm_id=8, side=Side.SELL, oca=OcaGroup("g", 2)))
    assert audited.faults() == []


def test_a_foreign_stop_protects_and_a_missing_one_does_not() -> None:
    audited = Audited()
    stop = order("by hand", side=Side.SELL, terms=STOP_TERMS, client_id=0, order_id=-1)
    audited.heard.hear(position(100), stop).sync(CON_ID)
    assert audited.faults() == []
    ours = protected()
    ours.heard.seconds += 1
    ours.heard.answer("open orders")
    assert ours.faults() == [Fault.UNPROTECTED]


def test_an_exit_without_a_position_is_too_much() -> None:
    audited = protected()
    audited.heard.hear(position(0))
    assert audited.faults() == [Fault.TOO_MUCH]


def test_a_finding_is_told_once_it_has_stood_in_two_audits_and_again_after_it_was_gone() -> None:
    audited = protected(quantity=60)
    told = audited.heard.notices
    assert audited.faults() == [Fault.TOO_LITTLE]
    assert told == []
    for _ in range(3):
        audited.faults()
    assert [(notice.kind, notice.subject) for notice in told] == [
        (IncidentKind.NAKED_POSITION, f"contract {CON_ID}")
    ]
    assert told[0].text == "live orders would close less than is open: 40 of AAPL"
    audited.heard.hear(order(STOP, side=Side.SELL, terms=STOP_TERMS, seconds=1))
    assert audited.faults() == []
    audited.heard.hear(status("Cancelled", 2))
    audited.faults()
    audited.faults()
    assert [notice.text for notice in told[1:]] == [
        "no stop and no exit would close it: 100 of AAPL"
    ]


def test_what_has_grown_is_told_once_more_as_soon_as_it_has_stood_as_well() -> None:
    audited = Audited()
    texts = audited.heard.notices
    audited.heard.hear(position(2)).sync(CON_ID)
    audited.faults()
    audited.faults()
    assert [each.text for each in texts] == ["no stop and no exit would close it: 2 of AAPL"]
    audited.heard.hear(position(102))
    audited.faults()
    assert len(texts) == 1
    audited.faults()
    assert [each.text for each in texts[1:]] == ["no stop and no exit would close it: 102 of AAPL"]
    audited.heard.hear(position(50))
    audited.faults()
    audited.heard.hear(position(102))
    audited.faults()
    audited.faults()
    assert len(texts) == 2


def test_without_complete_answers_nothing_is_judged() -> None:
    audited = protected(quantity=60)
    audited.faults()
    audited.heard.inbox.begin_session()
    assert audited.faults() == []
    audited.heard.hear(position(100), order(STOP, quantity=60, side=Side.SELL, terms=STOP_TERMS))
    audited.heard.sync(CON_ID)
    audited.faults()
    assert audited.heard.notices == []


def test_a_contract_that_nobody_can_describe_is_told_only_if_an_order_of_ours_is_in_it() -> None:
    audited = protected()
    audited.described = None
    audited.heard.hear(position(5, con_id=2))
    assert audited.faults() == []
    audited.faults()
    assert [notice.kind for notice in audited.heard.notices] == [IncidentKind.PROTECTION_MISMATCH]
    assert audited.heard.notices[0].subject == str(STOP)


@pytest.mark.parametrize(
    ("stands", "kind"),
    [(60, IncidentKind.NAKED_POSITION), (160, IncidentKind.PROTECTION_MISMATCH)],
)
def test_what_stops_do_not_match_is_told_within_five_seconds(
    stands: int, kind: IncidentKind
) -> None:
    audited = protected(quantity=stands)
    audited.faults(AUDIT_EVERY_SECONDS)
    assert audited.heard.kinds() == []
    audited.faults(AUDIT_EVERY_SECONDS)
    assert audited.heard.kinds() == [kind]
    assert 2 * AUDIT_EVERY_SECONDS < 5


def test_what_was_told_of_a_short_position_is_told_again_of_a_long_one() -> None:
    audited = protected(quantity=200)
    audited.heard.hear(order("by hand", quantity=100, side=Side.BUY, client_id=0, perm_id=9))
    more = "live orders would close more than is open"
    for held, quantity in ((-24, 76), (176, 24)):
        audited.heard.hear(position(held))
        for _ in range(2):
            audited.faults(AUDIT_EVERY_SECONDS)
        texts = [each.text for each in audited.heard.notices if each.text.startswith(more)]
        assert texts[-1] == f"{more}: {quantity} of AAPL"


def found(held: int, *news: News) -> Audited:
    """What a process finds that trades nothing yet; two audits have passed."""
    audited = Audited()
    audited.described = None
    audited.heard.hear(position(held), *news).sync(CON_ID)
    for _ in range(2):
        assert audited.faults(AUDIT_EVERY_SECONDS) == []
    return audited


def nakeds(audited: Audited) -> list[str]:
    naked = IncidentKind.NAKED_POSITION
    return [notice.text for notice in audited.heard.notices if notice.kind is naked]


BY_HAND = order("by hand", side=Side.SELL, quantity=70, terms=STOP_TERMS, client_id=0, perm_id=9)
BY_HAND_AT_THE_OPEN = order(
    "by hand", side=Side.SELL, quantity=70, terms=Market(), client_id=0, perm_id=9
)
BY_HAND_AND_STRANGE = order(
    "by hand", side=Side.SELL, quantity=70, terms=None, client_id=0, perm_id=9
)


def sold(quantity: int) -> News:
    return fill(STOP, "s.1.01", quantity, side=Side.SELL, order_id=6, perm_id=8)


def test_what_our_orders_of_today_have_left_and_nobody_looks_after_is_told() -> None:
    notices = found(-30, fill(quantity=60), sold(90)).heard.notices
    told = [each for each in notices if each.kind is IncidentKind.NAKED_POSITION]
    assert [each.subject for each in told] == [f"contract {CON_ID}"]
    assert told[0].text == (
        "our orders of today have left 30 short in AAPL, contract 265598, and nobody here enters,"
        " guards or leaves a position in it: no stop and no exit would close 30"
    )


def test_only_what_is_ours_of_a_position_and_is_not_covered_is_told() -> None:
    (text,) = nakeds(found(500, fill(quantity=100)))
    assert text.startswith("our orders of today have left 100 long")
    (text,) = nakeds(found(100, fill(quantity=100), BY_HAND))
    assert text.endswith("no stop and no exit would close 30")


def test_an_order_of_a_hand_that_waits_for_the_next_session_protects_nothing() -> None:
    (text,) = nakeds(found(70, fill(quantity=70), BY_HAND_AT_THE_OPEN))
    assert text.endswith("no stop and no exit would close 70")


@pytest.mark.parametrize(
    ("held", "news"),
    [
        (500, ()),
        (500, (fill(quantity=100), sold(100))),
        (50, (sold(100),)),
        (0, (sold(100),)),
        (70, (fill(quantity=70), BY_HAND)),
        (70, (fill(quantity=70), BY_HAND_AND_STRANGE)),
    ],
)
def test_what_others_hold_or_something_covers_is_nobodys_business(
    held: int, news: tuple[News, ...]
) -> None:
    assert nakeds(found(held, *news)) == []


def test_what_is_taken_up_soon_after_a_start_is_told_to_nobody() -> None:
    audited = Audited()
    audited.described = None
    audited.heard.hear(position(100), fill(quantity=100)).sync(CON_ID)
    audited.faults(AUDIT_EVERY_SECONDS)
    audited.described = Described(AAPL, False, Decimal(10))
    stop = order(STOP, order_id=6, perm_id=8, side=Side.SELL, terms=STOP_TERMS)
    audited.heard.hear(stop)
    audited.faults(AUDIT_EVERY_SECONDS)
    audited.faults(AUDIT_EVERY_SECONDS)
    assert audited.heard.notices == []
