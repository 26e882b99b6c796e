"""The engine: whether it answers, what it is, what it keeps, and whether people can look at it.

It asks as a worker would, and registers nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.attributes import misfits
from workers.bootstrap import ANSWER_WITHIN, last_reason
from workers.config import TemporalTable
from workers.examining.findings import Area, Finding, failed, noted, passed
from workers.examining.pages import Answer

RETENTION_MIN = timedelta(days=30)
"""Whoever asks what happened to a trade asks within a month."""

START_IT = "`backstay up` starts one; if another is meant, set address under [temporal]."


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine has said of itself; `silence` is why it has said nothing."""

    where: TemporalTable
    silence: str = ""
    version: str = ""
    has_namespace: bool = False
    retention: timedelta = timedelta(0)
    missing: tuple[str, ...] = ()
    mistyped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The engine's page for people: where it should be, and what came or why nothing did."""

    address: str
    is_guess: bool
    answer: Answer | None
    silence: str = ""


async def client_of(where: TemporalTable) -> Client | EngineFacts:
    """A client, or that nobody answers."""
    try:
        return await Client.connect(where.address, namespace=where.namespace, tls=where.tls)
    except (RuntimeError, ValueError) as error:
        return EngineFacts(where, silence=last_reason(error))


async def look_at_engine(client: Client, where: TemporalTable) -> EngineFacts:
    """What the engine says of itself."""
    service, version = client.workflow_service, ""
    try:
        system = await service.get_system_info(GetSystemInfoRequest(), timeout=ANSWER_WITHIN)
        version = system.server_version
        described = await service.describe_namespace(
            DescribeNamespaceRequest(namespace=where.namespace), timeout=ANSWER_WITHIN
        )
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=where.namespace), timeout=ANSWER_WITHIN
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return EngineFacts(where, version=version)
        return EngineFacts(where, silence=str(error))
    missing, mistyped = misfits(known.custom_attributes)
    return EngineFacts(
        where=where,
        version=version,
        has_namespace=True,
        retention=described.config.workflow_execution_retention_ttl.ToTimedelta(),
        missing=missing,
        mistyped=mistyped,
    )


def judge_engine(facts: EngineFacts) -> Iterator[Finding]:
    """Whether trades can be carried on there, and looked at when they are over."""
    where = facts.where
    if facts.silence:
        found = f"no engine answers at {where.address}: {facts.silence}"
        yield failed(Area.ENGINE, "answers", found, START_IT)
        return
    yield passed(Area.ENGINE, "answers", f"{where.address}, Temporal Server {facts.version}")
    if not facts.has_namespace:
        remedy = f"Make it (temporal operator namespace create {where.namespace}), or set namespace"
        found = f"the engine has no namespace {where.namespace}"
        yield failed(Area.ENGINE, "namespace", found, f"{remedy} under [temporal].")
        return
    yield passed(Area.ENGINE, "namespace", where.namespace)
    kept = f"a trade that is over can be looked at for {facts.retention.days} days"
    if facts.retention < RETENTION_MIN:
        remedy = "Raise it: temporal operator namespace update --retention 90d"
        yield noted(Area.ENGINE, "retention", kept, f"{remedy} --namespace {where.namespace}.")
    else:
        yield passed(Area.ENGINE, "retention", kept)
    if facts.mistyped:
        found = f"the engine knows these with another type: {', '.join(facts.mistyped)}"
        remedy = "Another program uses the names; give Backstay a namespace of its own."
        yield failed(Area.ENGINE, "attributes", found, remedy)
    elif facts.missing:
        found = f"the engine can't search by {', '.join(facts.missing)} yet"
        yield noted(Area.ENGINE, "attributes", found, "A worker has it learn them when it starts.")
    else:
        yield passed(Area.ENGINE, "attributes", "the engine can search by each of ours")


def judge_page(facts: PageFacts) -> Finding:
    """Whether people can look at trades; no trade needs it."""
    place = f"http://{facts.address}"
    if facts.answer is None:
        guess = ", where `backstay up` would put it" if facts.is_guess else ""
        found = f"{place} does not answer{guess}: {facts.silence}"
        return noted(Area.ENGINE, "web ui", found, "Trades go on without it.")
    if facts.answer.status >= 400:  # noqa: PLR2004 - HTTP's own line between answers and refusals
        return noted(Area.ENGINE, "web ui", f"{place} answers with {facts.answer.status}")
    return passed(Area.ENGINE, "web ui", place)
