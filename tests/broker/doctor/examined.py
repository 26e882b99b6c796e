"""What the doctor finds, at the embedded gateway in memory or at whatever says its lines."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from backstay.broker.doctor.findings import (
    Diagnosis,
    Finding,
    Outcome,
    Patient,
    Step,
)
from backstay.broker.doctor.walk import examine
from backstay.gateway.faults.rules import Rule
from backstay.gateway.times import from_ns
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import running
from tests.broker.line.scripted import Scripted, perform
from tests.broker.line.stage import HOST, PORT, Stage, play

PATIENT = Patient(HOST, PORT, 1)
PASSED, FAILED, NOT_REACHED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_REACHED


def machine() -> datetime:
    return from_ns(running().now_ns)


def diagnose(
    *plan: Rule,
    patient: Patient = PATIENT,
    before: Callable[[Stage], Awaitable[Any]] | None = None,
    clock: Callable[[], datetime] = machine,
    **options: Any,
) -> Diagnosis:
    """What the doctor finds at the embedded gateway, in memory."""
    found: list[Diagnosis] = []

    async def story(stage: Stage) -> None:
        if before is not None:
            await before(stage)
        found.append(await examine(patient, clock))
        await asyncio.sleep(5)
        assert stage.net.lines == () or before is not None, "it has hung up"

    play(story, *plan, **options)
    return found[0]


def diagnose_scripted(*script: str | bytes | None) -> Diagnosis:
    """What the doctor finds at something that says this."""
    found: list[Diagnosis] = []

    async def story(_net: MemoryNet) -> None:
        found.append(await examine(PATIENT, machine))

    perform(Scripted(*script), story)
    return found[0]


def finding(diagnosis: Diagnosis, step: Step) -> Finding:
    return next(one for one in diagnosis.findings if one.step is step)


def only_failure(diagnosis: Diagnosis) -> Finding:
    (one,) = [one for one in diagnosis.findings if one.outcome is FAILED]
    return one


def reached(diagnosis: Diagnosis) -> list[Step]:
    return [one.step for one in diagnosis.findings if one.outcome is not NOT_REACHED]


STEPS = list(Step)
