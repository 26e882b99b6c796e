"""The search attributes by which a trade is found in the engine, and how they get there.

Registering is idempotent: whoever starts does it, and an attribute that is there stays as it is.
"""

from collections.abc import Mapping

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

ATTRIBUTES: Mapping[str, str] = {
    "BackstayAccount": "Keyword",
    "BackstaySymbol": "Keyword",
    "BackstayState": "Keyword",
    "BackstaySeverity": "Keyword",
    "BackstayOpenQuantity": "Double",
}
"""Their names, and what kind of value each takes."""

_KINDS = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
}


async def register(client: Client) -> None:
    """Have the namespace know every attribute."""
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _KINDS[kind] for name, kind in ATTRIBUTES.items()},
            )
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
