"""A gateway needs accounts that can be told apart."""

import pytest

from backstay.gateway.settings import AccountSettings, Settings


def test_a_gateway_without_accounts_is_refused() -> None:
    with pytest.raises(ValueError, match="accounts: none; each needs a name of its own"):
        Settings(accounts=())


def test_two_accounts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="accounts: DU1, DU1; each needs a name of its own"):
        Settings(accounts=(AccountSettings("DU1"), AccountSettings("DU1")))
