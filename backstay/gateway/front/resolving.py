"""Which instrument a request means; data needs exactly one, as a client meant it for SMART."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.market.words import Instrument
from backstay.gateway.values.contract import Contract


def the_one(hall: Hall, client: Client, req_id: int, contract: Contract) -> Instrument | None:
    """The only instrument that fits, or None after the client has been told what is wrong (200)."""
    found = hall.market.find(contract)
    if not found:
        client.send(notices.no_definition(req_id))
        return None
    if len(found) > 1:
        client.send(notices.ambiguous(req_id, contract.symbol))
        return None
    return found[0]
