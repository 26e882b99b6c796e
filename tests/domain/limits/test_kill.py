"""The kill state and the halts."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.ids import Effect
from backstay.domain.limits.kill import Halt, KillMode, KillState

FREEZE, FLATTEN = KillMode.FREEZE, KillMode.FLATTEN


@pytest.mark.parametrize(
    ("before", "kill", "after"),
    [
        (None, FREEZE, FREEZE),
        (None, FLATTEN, FLATTEN),
        (FREEZE, FREEZE, FREEZE),
        (FREEZE, FLATTEN, FLATTEN),
        (FLATTEN, FREEZE, FLATTEN),
        (FLATTEN, FLATTEN, FLATTEN),
    ],
)
@pytest.mark.req("S3.2", "I5")
def test_a_kill_raises_the_epoch_and_never_softens_a_flatten(
    before: KillMode | None, kill: KillMode, after: KillMode
) -> None:
    assert KillState(3, before).killed(kill) == KillState(4, after)


@pytest.mark.req("S3.2")
def test_resuming_raises_the_epoch_and_clears_the_mode() -> None:
    assert KillState(3, FLATTEN).resumed() == KillState(4, None)


@given(st.lists(st.sampled_from([FREEZE, FLATTEN, None]), max_size=4))
@pytest.mark.req("I5")
def test_reports_lead_to_the_newest_state_however_late_they_are(
    changes: list[KillMode | None],
) -> None:
    history = [KillState()]
    for mode in changes:
        history.append(history[-1].killed(mode) if mode else history[-1].resumed())

    for heard in permutations(history):
        known = heard[0]
        for report in (*heard[1:], heard[0]):
            known = known.newest(report)
        assert known == history[-1]


def test_an_epoch_starts_at_zero() -> None:
    assert KillState().epoch == 0
    with pytest.raises(ValueError, match=r"^the kill epoch is -1; it starts at 0$"):
        KillState(-1)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (KillState(), "clear"),
        (KillState(1, FREEZE), "freeze"),
        (KillState(1, FLATTEN), "flatten"),
    ],
)
def test_a_state_is_named_by_its_mode(state: KillState, text: str) -> None:
    assert state.text == text


@pytest.mark.parametrize(
    ("halt", "concerns"),
    [(Halt("x"), True), (Halt("x", "AAPL"), True), (Halt("x", "MSFT"), False)],
)
@pytest.mark.req("S3.3", "S3.7")
def test_a_halt_concerns_its_symbol_or_everything(halt: Halt, *, concerns: bool) -> None:
    assert halt.concerns("AAPL") is concerns


@pytest.mark.req("S3.2")
@pytest.mark.parametrize(
    ("mode", "ended"),
    [
        (None, ()),
        (KillMode.FREEZE, (Effect.OPENS,)),
        (KillMode.FLATTEN, (Effect.OPENS, Effect.COVERS)),
    ],
)
def test_a_freeze_ends_what_opens_and_a_flatten_what_covers_as_well(
    mode: KillMode | None, ended: tuple[Effect, ...]
) -> None:
    assert tuple(effect for effect in Effect if KillState(1, mode).ends(effect)) == ended
