"""What both workers of a run are started with: the file that an operator would have written."""

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from backstay.domain.limits.settings import TradingMode
from backstay.domain.profile import BrokerProfile
from backstay.gateway.profile import parse
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.venue import ACCOUNT, HOST, NIGHTLY, PORT
from workers.config import AssumptionsTable, BrokerTable, LimitsTable, RestartTable, Settings

RESTART_MINUTES = 15
LIMITS = LimitsTable(
    base_currency="USD",
    exposure_max=Decimal(400_000),
    share_position_max=Decimal(2_000),
    trading=TradingMode.PAPER,
    option_position_max=Decimal(20),
)


def settings_of(scenario: Scenario, folder: Path) -> Settings:
    """The settings of one run, whose book is in `folder`."""
    night = RestartTable(starts=NIGHTLY, minutes=RESTART_MINUTES)
    return Settings(
        account=ACCOUNT,
        data=folder,
        broker=BrokerTable(
            host=HOST,
            port=PORT,
            assume=AssumptionsTable(**asdict(parse(scenario.believed))),
            restart=(night,) if scenario.nightly_restart else (),
        ),
        limits=LIMITS,
    )


def believed(scenario: Scenario) -> BrokerProfile:
    """What is assumed of the broker."""
    return BrokerProfile(**asdict(parse(scenario.believed)))
