"""What the gateway may be like, and what the edge takes it to be."""

from dataclasses import dataclass, replace

from backstay.domain.profile import OPTIMISTIC as HOPED
from backstay.domain.profile import PESSIMISTIC as FEARED
from backstay.domain.profile import BrokerProfile
from backstay.gateway.profile import NAMES, OPTIMISTIC, PESSIMISTIC, Profile


@dataclass(frozen=True, slots=True)
class Assumption:
    """How the gateway is, and how the edge believes it to be."""

    name: str
    gateway: Profile
    assumed: BrokerProfile = FEARED


PROFILES = (
    Assumption("pessimistic", PESSIMISTIC),
    *(Assumption(name, replace(PESSIMISTIC, **{name: True})) for name in NAMES),
    Assumption("optimistic", OPTIMISTIC),
    Assumption("optimistic, and known to be", OPTIMISTIC, HOPED),
)
