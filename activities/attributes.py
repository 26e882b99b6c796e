"""The search attributes under which the engine lists our workflows."""

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
    wrong = [
        name
        for name, kind in known.custom_attributes.items()
        if name in _TYPES and _TYPES[name] != kind
    ]
    if wrong:
        raise ValueError(f"the engine knows these with another type: {', '.join(sorted(wrong))}")
    missing = {name: kind for name, kind in _TYPES.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
