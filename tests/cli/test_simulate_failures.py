"""How the failures of a simulation are shown."""

import pytest

from backstay.cli.screen import Screen
from backstay.cli.simulate.failure_page import SHOWN_MAX, show_failures
from backstay.lab.simulation.cases import of_seeds
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.report import Failure, Report
from backstay.lab.simulation.tally import Tally


def test_each_failure_is_named_though_few_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = (Finding("I8", 0, "too much could leave"),)
    failures = [Failure(case, found, None) for case in of_seeds(range(1, SHOWN_MAX + 3))]
    report = Report(
        Tally().figures(), 1.0, 2, tuple(failures), (), is_interrupted=False, is_cut_short=False
    )
    show_failures(report, (), Screen())
    told = capsys.readouterr().out
    assert told.count("too much could leave") == SHOWN_MAX
    assert "\nand 2 more: seed 11, seed 12\n" in told
