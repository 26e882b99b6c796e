"""deploy/healthy.py, as a container's health check runs it."""

import asyncio
import subprocess
import sys
from http import HTTPStatus

import pytest

from tests.deploy.deployment import DEPLOY
from workers.serving import Page, PageServer

NOBODY = 1
"""A port of the loopback that nobody has."""


def asked(port: int, *words: str) -> tuple[int, str]:
    """What it says of the process at a port, and its exit code."""
    result = subprocess.run(
        [sys.executable, DEPLOY / "healthy.py", *words],
        env={"BACKSTAY_METRICS__PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    return result.returncode, result.stdout


def of_a_worker(status: HTTPStatus, *words: str) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        server = PageServer({"/health": lambda _: Page(status, "application/json", b'{"a": 1}')})
        port = int((await server.start("127.0.0.1", 0)).rpartition(":")[2])
        try:
            given = [word.format(port=port) for word in words]
            return await asyncio.to_thread(asked, port if not words else NOBODY, *given)
        finally:
            await server.close()

    return asyncio.run(ask())


def test_a_worker_that_is_well_is_well() -> None:
    assert of_a_worker(HTTPStatus.OK) == (0, '{"a": 1}\n')


def test_a_worker_in_trouble_is_not_and_says_why() -> None:
    assert of_a_worker(HTTPStatus.SERVICE_UNAVAILABLE) == (1, '{"a": 1}\n')


@pytest.mark.parametrize("words", [(), (f"--port={NOBODY}",)])
def test_where_nobody_answers_nobody_is_well(words: tuple[str, ...]) -> None:
    code, said = asked(NOBODY, *words)
    assert code == 1
    assert said.startswith("nobody answers: ")


def test_a_gateway_is_well_if_it_takes_a_connection() -> None:
    assert of_a_worker(HTTPStatus.OK, "--port={port}") == (0, "it takes connections\n")
