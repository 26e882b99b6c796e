"""`backstay bench`: what it prints of figures, which it is given here, and of bad usage."""

from json import loads

import pytest

from backstay.lab.benches.edge import runs
from backstay.lab.benches.edge.figures import Report, report
from backstay.lab.benches.edge.peer import NoOrderError
from backstay.lab.benches.edge.runs import Say
from backstay.lab.benches.goals import percentile
from backstay.lab.benches.trade import rounds as trade_rounds
from backstay.lab.benches.trade.figures import Report as TradeReport
from backstay.lab.benches.trade.figures import report as trade_report
from backstay.lab.benches.trouble import BenchError
from tests.cli.typed import typed

SCANNER, EDGE, PLAIN = 50e-6, 70e-6, 200e-6


def measured(edge: float = EDGE) -> Report:
    """A run in which every figure is the same each time."""
    by_name = {"edge": edge, "plain": PLAIN, "scanner": SCANNER}
    seconds = {(name, rate): [each] * 8 for rate in runs.RATES for name, each in by_name.items()}
    bursts = {"edge": [0.010], "plain": [0.087], "scanner": [0.009]}
    return report(seconds, bursts, {10: [5e-6], 10_000: [6e-6]}, 0.0002)


def given(monkeypatch: pytest.MonkeyPatch, edge: float = EDGE) -> list[int]:
    """Have these figures measured; how many firings each run was asked for."""
    asked: list[int] = []

    def run(fires: int, say: Say) -> Report:
        asked.append(fires)
        say("measuring")
        return measured(edge)

    monkeypatch.setattr(runs, "run", run)
    return asked


def test_it_shows_every_figure_and_ends_well_if_all_are_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = given(monkeypatch)
    said = typed("bench", "edge", "--fires", "40")
    assert said.exit_code == 0
    assert asked == [40]
    assert ["edge", "20,000", "8", "70", "70"] in [line.split() for line in said.lines]
    assert "Milliseconds from a burst of 256 KB to its order: edge 10.0" in said.out
    assert said.out.count("reached") == 9
    assert "measuring" not in said.out


def test_a_figure_that_is_missed_is_said_to_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, edge=90e-6)
    said = typed("bench", "edge")
    assert said.exit_code == 1
    missed = [line.split("  ")[0] for line in said.lines if line.endswith("MISSED")]
    assert missed == [
        "edge / scanner at 0/s",
        "edge / plain at 5,000/s",
        "edge / scanner at 5,000/s",
        "edge / plain at 20,000/s",
        "edge / scanner at 20,000/s",
    ]


def test_as_json_it_is_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    document = loads(typed("bench", "edge", "--json").out)
    assert document["latencies"][0]["p50"] == pytest.approx(70)
    assert document["goals"][0]["bound"] == 0.55


def test_a_contender_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_fires: int, _say: Say) -> Report:
        raise NoOrderError("plain has sent no order")

    monkeypatch.setattr(runs, "run", run)
    said = typed("bench", "edge")
    assert said.exit_code == 3
    assert said.err == "nothing was measured: plain has sent no order\n"


def test_too_few_firings_say_nothing() -> None:
    said = typed("bench", "edge", "--fires", "1")
    assert said.exit_code == 2
    assert "--fires" in said.err


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 3), (0.99, 4), (1.0, 4)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], share) == expected


def given_spans(monkeypatch: pytest.MonkeyPatch, last_rung: float) -> None:
    """Have these spans measured of trades."""

    def measure(rounds: int, say: Say) -> TradeReport:
        say("measuring")
        return trade_report([0.25] * rounds, [last_rung] * rounds)

    monkeypatch.setattr(trade_rounds, "run", measure)


def test_the_spans_of_a_trade_are_shown_with_how_often_each_was_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given_spans(monkeypatch, 0.060)
    said = typed("bench", "trade", "--rounds", "5")
    assert said.exit_code == 0
    assert "from a plan handed in to its trigger watched: p50 250, p99 250, 5 times" in said.lines
    assert said.out.count("reached") == 2


def test_a_last_rung_that_comes_late_is_said_to_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    given_spans(monkeypatch, 0.140)
    said = typed("bench", "trade", "--json")
    assert said.exit_code == 1
    goals = {goal["what"]: goal["measured"] for goal in loads(said.out)["goals"]}
    assert goals["the limit's last moment to the last rung"] == 140


def test_a_trade_that_can_t_be_measured_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(rounds: int, say: Say) -> TradeReport:
        raise BenchError("the broker worker has not begun: no engine")

    monkeypatch.setattr(trade_rounds, "run", fail)
    said = typed("bench", "trade")
    assert said.exit_code == 3
    assert said.err == "nothing was measured: the broker worker has not begun: no engine\n"
