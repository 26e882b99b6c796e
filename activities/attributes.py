"""The search attributes under which the engine lists our workflows."""

from collections.abc import Mapping

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from backstay.domain.trade import attributes

ACCOUNT = SearchAttributeKey.for_keyword(attributes.ACCOUNT)
SYMBOL = SearchAttributeKey.for_keyword(attributes.SYMBOL)
STATE = SearchAttributeKey.for_keyword(attributes.STATE)
SEVERITY = SearchAttributeKey.for_keyword(attributes.SEVERITY)
OPEN_QUANTITY = SearchAttributeKey.for_float(attributes.OPEN_QUANTITY)

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
_DOUBLE = IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE
_TYPES = {
    ACCOUNT.name: _KEYWORD,
    SYMBOL.name: _KEYWORD,
    STATE.name: _KEYWORD,
    SEVERITY.name: _KEYWORD,
    OPEN_QUANTITY.name: _DOUBLE,
}


async def register_attributes(client: Client) -> None:
    """Have the engine know all of them; done again, it changes nothing.

    One that is unknown to the engine fails the start of a workflow, so this comes before any.
    """
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing, wrong = misfits(known.custom_attributes)
    if wrong:
        raise ValueError(f"the engine knows these with another type: {', '.join(wrong)}")
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _TYPES[name] for name in missing},
            )
        )


def misfits(
    known: Mapping[str, IndexedValueType.ValueType],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of ours an engine does not know, and which it knows as something else."""
    missing = tuple(sorted(name for name in _TYPES if name not in known))
    wrong = tuple(sorted(name for name in _TYPES if known.get(name, _TYPES[name]) != _TYPES[name]))
    return missing, wrong
