"""What a trade is, told three times over and counted once."""

from datetime import timedelta

import pytest

from backstay.broker.watch.prints import Prints
from backstay.broker.watch.reading import Reader
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger, Waiting
from tests.broker.watch.scene import LAST, LAST_SECOND, NOON, RT_VOLUME, Scene, play, rt_volume
from tests.domain.edge.samples import SHARE, TRIGGER

TWICE = Trigger(TRIGGER.price, Crossing.ABOVE, confirm_ticks=2)
SECOND = str(int(NOON.timestamp())).encode()


def prints() -> Prints:
    return Prints(Reader())


def told(one: Prints, price: str, total: int, seconds: float = 0.0) -> bool:
    """Whether real-time volume is a print, heard at once."""
    at = NOON + timedelta(seconds=seconds)
    return one.on_volume(rt_volume(price, at, total).encode(), at) is not None


@pytest.mark.req("S0.3", "S0.6")
def test_one_trade_told_as_last_price_second_and_volume_is_one_tick_of_two() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TWICE)
        scene.trade("99")
        assert armed.state.kind == "waiting"
        sink = scene.sink()
        for total in (500, 600):
            assert scene.log.entries == []
            sink.on_text(LAST_SECOND, SECOND)
            sink.on_price(LAST, b"101")
            sink.on_text(RT_VOLUME, rt_volume("101", scene.now(), total).encode())
        assert [name for name, _ in scene.log.entries] == ["trigger 0"]

    play(story)


def test_the_first_volume_after_a_last_price_is_the_same_trade() -> None:
    one = prints()
    one.on_second(SECOND)
    assert one.on_last(b"101") is not None
    assert not told(one, "101", 500, 0.4)
    assert told(one, "101", 600, 0.4)


def test_the_first_volume_at_another_price_or_much_later_is_another_trade() -> None:
    for price, seconds in (("102", 0.4), ("101", 3.0)):
        one = prints()
        one.on_second(SECOND)
        one.on_last(b"101")
        assert told(one, price, 500, seconds)


def test_once_volume_comes_a_last_price_is_no_print() -> None:
    one = prints()
    assert told(one, "101", 500)
    one.on_second(SECOND)
    assert one.on_last(b"102") is None


def test_a_print_that_comes_again_is_the_same() -> None:
    one = prints()
    assert told(one, "101", 500)
    assert not told(one, "101", 500)
    assert not told(one, "102", 400)
    assert told(one, "102", 600)
    assert told(one, "101", 700)
    assert not told(one, "101", 700, 1.0)


def test_the_newest_print_stays_known_after_a_late_one() -> None:
    one = prints()
    assert told(one, "101", 500, 1.0)
    assert told(one, "99", 400, 0.0)
    assert not told(one, "101", 500, 1.0)


def test_a_new_day_begins_with_a_small_total() -> None:
    one = prints()
    assert told(one, "101", 5000)
    assert told(one, "101", 100, 60_000)


def test_a_last_price_needs_a_second_and_is_told_once_in_it() -> None:
    one = prints()
    assert one.on_last(b"101") is None
    one.on_second(SECOND)
    tick = one.on_last(b"101")
    assert tick is not None
    assert tick.at == NOON
    assert one.on_last(b"101") is None
    assert one.on_last(b"102") is not None
    one.on_second(b"yesterday")
    assert one.on_last(b"103") is None


@pytest.mark.parametrize(
    "letters", [b"", b"101", b"101;100", b"101;100;soon;500;1;true", b";100;1764000000000;5;1;true"]
)
def test_a_print_that_can_not_be_read_is_one_of_which_nothing_is_known(letters: bytes) -> None:
    tick = prints().on_volume(letters, NOON)
    assert letters.startswith(b";") or (tick is not None and tick.price is None)


@pytest.mark.req("S0.3")
@pytest.mark.parametrize("seconds", [-60.0, -2.1, 1.1])
def test_the_old_print_of_a_first_picture_decides_nothing(seconds: float) -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TRIGGER)
        scene.trade("99")
        at = scene.now() + timedelta(seconds=seconds)
        scene.sink().on_text(RT_VOLUME, rt_volume("101", at, 900).encode())
        assert isinstance(armed.state, Waiting)
        quote = scene.watch.quote(SHARE.con_id)
        assert quote is not None
        assert scene.log.entries == []

    play(story)
