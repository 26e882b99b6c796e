"""The engine over a real server: one trade for each plan, reached, listed and killed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.books import AccountBooks
from activities.engine import TemporalEngine
from activities.ports import (
    CallRefusedError,
    Differs,
    EngineSilentError,
    Same,
    Started,
    UnknownWorkflowError,
    Untold,
)
from backstay.accounts.errors import BookMissingError
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.admission import Admitted
from backstay.domain.trade.order import TradeOrder
from tests.accounts.cases import request, round_trip
from tests.activities.dev_server import serving, working
from tests.domain.limits.samples import ACCOUNT, NOW, SETTINGS

OTHER_ACCOUNT = "DU7654321"
PLAN = TradePlan.model_validate(
    {
        "id": "breakout",
        "side": "buy",
        "instrument": {"symbol": "AAPL"},
        "size": {"quantity": 100},
        "entry": {"order": "LMT", "limit_offset": "0.05", "trigger": {"price": 190, "when": "above"}},
        "stop": {"price": 187},
    }
)
