"""Where the histories of the stories go, if they are to be kept."""

from pathlib import Path

import pytest

OPTION = "--keep-histories"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=Path, help="a folder into which each workflow's history goes")


@pytest.fixture
def histories(request: pytest.FixtureRequest) -> Path | None:
    """The folder, or None if nobody asked."""
    folder: Path | None = request.config.getoption(OPTION)
    return folder
