"""An entry that was taken back, and is begun again by a process that comes after another."""

from dataclasses import replace

import pytest

from backstay.domain.edge.arms import ArmAmendment, ArmPhase, ArmReport
from backstay.domain.edge.resuming import rearmed
from tests.domain.edge.samples import ARM, NOW

TAKEN_BACK = (ArmAmendment(2, None),)
WAITING = ArmReport(ARM.key, 1, 1, ArmPhase.WAITING, NOW)


@pytest.mark.parametrize("report", [None, WAITING])
def test_what_has_not_left_as_far_as_anybody_knew_is_let_go(report: ArmReport | None) -> None:
    assert rearmed(ARM, 1, report, TAKEN_BACK).is_released


UNSENT = [ArmPhase.WITHDRAWN, ArmPhase.MISSED, ArmPhase.EXPIRED, ArmPhase.REFUSED]


@pytest.mark.parametrize("phase", UNSENT)
def test_what_came_to_nothing_stays_let_go_though_its_report_was_lost(phase: ArmPhase) -> None:
    heard = replace(WAITING, version=2, phase=phase)
    assert rearmed(ARM, 1, heard, TAKEN_BACK).is_released


LEFT = [ArmPhase.SENDING, ArmPhase.UNKNOWN, ArmPhase.WORKING, ArmPhase.OVER]


@pytest.mark.parametrize("phase", LEFT)
def test_what_had_left_is_followed_whatever_was_asked_for_since(phase: ArmPhase) -> None:
    now = rearmed(ARM, 1, replace(WAITING, phase=phase), TAKEN_BACK)
    assert not now.is_released
    assert now.version == 1
