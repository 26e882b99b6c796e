"""How the command of a dry run ends, whatever is answered, and that JSON says the same."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.cli.exits import Exit
from backstay.cli.trade import dry_run
from backstay.cli.trade.dry_run_report import Foretold, Outcome, StartedBefore, foretold
from backstay.domain.trade.dry_run import DryRunReport
from tests.cli.dry_runs import ANOTHER, FOUND, NOT_LISTED, OVER, RUNNING, SILENT, page, unworkable
from tests.domain.trade.dry_runs import ORDER, foreseen
from workers.config import Settings

SETTINGS = Settings.model_validate({"account": "DU1234567"})


class AnsweringEngine:
    """An engine that has one answer to each question."""

    def __init__(self, report: DryRunReport, before: StartedBefore | None) -> None:
        self._report = report
        self._before = before

    async def dry_run(self, order: object) -> DryRunReport:
        assert order == ORDER
        return self._report

    async def known(self, order: object) -> StartedBefore | None:
        assert order == ORDER
        return self._before


@pytest.mark.parametrize(
    ("report", "before", "outcome", "code"),
    [
        (FOUND, None, Outcome.ADMITTED, Exit.DONE),
        (FOUND, RUNNING, Outcome.SAME, Exit.DONE),
        (FOUND, OVER, Outcome.REFUSED, Exit.NEGATIVE),
        (FOUND, ANOTHER, Outcome.REFUSED, Exit.NEGATIVE),
        (foreseen(settings=None), None, Outcome.REFUSED, Exit.NEGATIVE),
        (unworkable(NOT_LISTED), None, Outcome.UNFIT, Exit.NEGATIVE),
        (SILENT, None, Outcome.UNANSWERED, Exit.CANNOT_TELL),
        (SILENT, RUNNING, Outcome.UNANSWERED, Exit.CANNOT_TELL),
    ],
)
def test_the_exit_code_says_what_would_become_of_it_and_json_says_the_same(
    report: DryRunReport,
    before: StartedBefore | None,
    outcome: Outcome,
    code: Exit,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def ask(settings: Settings, question: Callable[[Any], Awaitable[Foretold]]) -> Foretold:
        assert settings is SETTINGS
        return asyncio.run(_awaited(question(AnsweringEngine(report, before))))

    monkeypatch.setattr(dry_run, "ask", ask)
    assert dry_run.run_dry(SETTINGS, ORDER.plan, as_json=False) is code
    assert capsys.readouterr().out == page(report, capsys, before)
    assert dry_run.run_dry(SETTINGS, ORDER.plan, as_json=True) is code
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out)["outcome"] == outcome
    assert TypeAdapter(Foretold).validate_json(printed.out) == foretold(report, before)


async def _awaited(answer: Awaitable[Foretold]) -> Foretold:
    return await answer
