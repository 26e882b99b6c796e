"""Answers: what belongs to which question, when it ends, and what keeps it from counting."""

import asyncio
from decimal import Decimal

import pytest

from backstay.broker.doors.wire import Departure, Lost, NotAnsweredError
from backstay.broker.line import kinds
from backstay.broker.line.kinds import Kind
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.news import ErrorNews
from backstay.broker.translation.contracts import Listing
from backstay.broker.translation.hearing import Hearing, market_rule_question
from backstay.broker.translation.telling import WhatIf
from backstay.domain.ids import Lane
from backstay.lab.virtual_time import run
from tests.broker.translation.heard import NOW, Heard
from tests.broker.translation.messages import LARGEST, QUANTITY, SHARES, changed, frame
from tests.broker.translation.recorded import recorded
from tests.gateway.effects.scene import START_NS


class AtOnce:
    """Lanes in which nobody waits."""

    def send(self, lane: Lane, departure: Departure, lost: Lost) -> bool:
        assert lane is Lane.DATA
        return self.probe(departure, lost)

    def probe(self, departure: Departure, lost: Lost) -> bool:
        assert callable(lost)
        departure()
        return True


@pytest.mark.parametrize(
    ("item", "position", "kind"),
    [
        (5, QUANTITY, kinds.OPEN_ORDERS),
        (101, 13, kinds.COMPLETED_ORDERS),
        (11, SHARES, kinds.EXECUTIONS),
        (61, 14, kinds.POSITIONS),
        (10, 13, kinds.CONTRACT_DETAILS),
        (75, 3, kinds.OPTION_PARAMETERS),
    ],
)
def test_an_unreadable_item_spoils_the_answer_that_it_may_belong_to(
    item: int, position: int, kind: Kind
) -> None:
    heard = Heard().tell(changed(frame(item), (position, "x")))
    assert (heard.unread, heard.spoilt) == ([str(item)], [kind.name])


@pytest.mark.parametrize(("item", "position"), [(5, QUANTITY), (11, SHARES), (61, 14), (101, 13)])
def test_a_number_left_empty_is_not_zero(item: int, position: int) -> None:
    assert Heard().tell(changed(frame(item), (position, ""))).unread == [str(item)]


def test_a_figure_of_the_account_that_is_cut_short_spoils_the_account() -> None:
    assert Heard().tell([6, 2, "NetLiquidation"]).spoilt == [kinds.ACCOUNT.name]


def test_what_is_not_an_item_of_any_answer_spoils_none() -> None:
    heard = Heard().tell(changed(frame(59), (3, "")), changed(frame(3), (3, "NaN")), [9_999])
    assert heard.unread == ["59", "3", "9999"]
    assert heard.spoilt == []


def test_what_can_be_read_spoils_nothing() -> None:
    assert Heard().tell(*recorded().frames).spoilt == []


def test_a_spoilt_answer_is_not_answered_at_its_end_and_the_next_one_is() -> None:
    """With the questions of the line, on which an answer that never ends would be owed."""

    async def story() -> tuple[object, ...]:
        heard = Heard()
        questions = Questions(AtOnce())
        hearing = Hearing(heard.news.append, lambda: NOW, questions)
        reading = Reading(Ears(hearing, hearing.unread))

        def tell(*messages: list[str]) -> None:
            reading.read(iter(["".join(f"{each}\0" for each in one).encode() for one in messages]))

        async def ask() -> tuple[object, ...]:
            name = kinds.POSITIONS.name
            return await questions.ask(kinds.POSITIONS, None, lambda: (name, b""))

        end = ["62", "1"]
        bad = changed(frame(61), (14, "NaN"))
        tell(bad)
        first = asyncio.create_task(ask())
        await asyncio.sleep(0)
        tell(frame(61), bad, end)
        second = asyncio.create_task(ask())
        await asyncio.sleep(0)
        tell(frame(61), end)
        return (*await asyncio.gather(first, second, return_exceptions=True),)

    spoilt, whole = run(story(), start_ns=START_NS)
    assert isinstance(spoilt, NotAnsweredError)
    assert "positions: an item could not be read: " in str(spoilt)
    assert whole == (int(frame(61)[3]),)


@pytest.mark.parametrize(
    ("kind", "message", "place"),
    [(kinds.MARKET_RULE, frame(93), 3), (kinds.BARS, frame(17), 6), (kinds.CURRENT_TIME, [], 0)],
)
def test_an_answer_of_one_message_that_can_not_be_read_is_not_waited_for(
    kind: Kind, message: list[str], place: int
) -> None:
    async def story() -> float:
        heard = Heard()
        questions = Questions(AtOnce())
        hearing = Hearing(heard.news.append, lambda: NOW, questions)
        reading = Reading(Ears(hearing, hearing.unread))
        asking = asyncio.create_task(questions.ask(kind, None, lambda: (kind.name, b"")))
        await asyncio.sleep(1)
        bad = changed(message, (place, "NaN")) if message else ["49", "1", "never"]
        reading.read(iter(["".join(f"{each}\0" for each in bad).encode()]))
        with pytest.raises(NotAnsweredError, match="could not be read"):
            await asking
        return asyncio.get_running_loop().time()

    assert run(story(), start_ns=START_NS) == 1


def test_a_day_that_can_not_be_read_keeps_its_answer_back() -> None:
    bars = frame(17)
    assert Heard().tell(changed(bars, (5, "20261123 10:00:00"))).ended == []
    assert Heard().tell(changed(bars, (6, "NaN"))).ended == []
    assert len(Heard().tell(bars).ended) == 1


def test_a_price_rule_is_an_answer_to_the_question_for_its_number() -> None:
    heard = Heard().tell(frame(93))
    question = market_rule_question(int(frame(93)[1]))
    assert heard.ended == [question]
    assert list(heard.items) == [question]


def test_a_price_rule_that_can_not_be_read_is_no_answer() -> None:
    heard = Heard().tell([93, 26, 1, "0", "0"])
    assert (heard.unread, heard.ended, heard.items) == (["93"], [], {})


# --- what-ifs ---------------------------------------------------------------------------------


MARGIN_CHANGE = 97


def what_if(*changes: tuple[int, str]) -> list[str]:
    """The recorded answer to a what-if."""
    found = next(each for each in recorded().frames if each[0] == "5" and "465.00" in each)
    return changed(found, *changes)


def test_a_what_if_is_an_answer_under_its_order_id() -> None:
    heard = Heard().tell(what_if())
    assert heard.news == []
    assert heard.ended == [int(what_if()[1])]


def test_a_what_if_without_figures_is_no_answer_yet() -> None:
    heard = Heard().tell(what_if((MARGIN_CHANGE, LARGEST)))
    assert (heard.news, heard.ended, heard.items) == ([], [], {})


def test_a_what_if_with_unreadable_figures_is_unread() -> None:
    heard = Heard().tell(what_if((MARGIN_CHANGE, "NaN")))
    assert (heard.unread, heard.ended, heard.items) == (["5"], [], {})


# --- errors -----------------------------------------------------------------------------------


def error(subject: int, code: int, text: str = "so it is") -> list[object]:
    return [4, 2, subject, code, text, ""]


def test_an_error_is_news_with_the_time_at_which_it_was_heard() -> None:
    assert Heard().tell(error(7, 201)).news == [ErrorNews(7, 201, "so it is", NOW)]


def test_an_error_about_a_question_fails_it_and_is_no_news() -> None:
    heard = Heard(7).tell(error(7, 200))
    assert (heard.failed, heard.news) == ([(7, 200, "so it is")], [])


@pytest.mark.parametrize("code", [2174, 399, 10167, 165, 1100])
def test_a_remark_does_not_fail_a_question(code: int) -> None:
    heard = Heard(7).tell(error(7, code))
    assert (heard.failed, len(heard.news)) == ([], 1)


@pytest.mark.parametrize("subject", [-1, 0])
def test_an_error_about_the_connection_fails_nothing(subject: int) -> None:
    heard = Heard(subject).tell(error(subject, 504))
    assert (heard.failed, len(heard.news)) == ([], 1)


def test_the_text_of_an_error_may_hold_anything() -> None:
    (news,) = Heard().tell(error(7, 399, "Order Message:\nBUY 1 ÄPFEL\nWarning")).of(ErrorNews)
    assert news.text == "Order Message:\nBUY 1 ÄPFEL\nWarning"


def test_the_parts_of_a_what_if_are_told_apart() -> None:
    told = Heard().tell(what_if((103, "1.5"), (104, "1.25"), (105, "1.75")))
    ((answer,),) = told.items.values()
    assert isinstance(answer, WhatIf)
    assert answer.commission == Decimal("1.5")
    assert answer.commission_min == Decimal("1.25")
    assert answer.commission_max == Decimal("1.75")


def test_price_rules_that_do_not_match_their_exchanges_are_unread() -> None:
    details = frame(10)
    rules = next(position for position, text in enumerate(details) if text.startswith("26,26"))
    heard = Heard().tell(changed(details, (rules, "26")))
    assert (heard.unread, heard.items) == (["10"], {})


def test_a_stock_has_no_underlying() -> None:
    ((listing,),) = Heard().tell(frame(10)).items.values()
    assert isinstance(listing, Listing)
    assert listing.under_con_id is None
