"""The scripts that set an engine up."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy.deployment import DEPLOY, ONE_SHOTS, ROOT, SERVICES, mounts

SECONDS_MAX = 60
STAND_IN = '#!/bin/sh\necho "$0 $*" >> "$SAID"\n[ "$SQL_PASSWORD" = of-a-test ]\n'
PASSWORD = "of-a-test"  # noqa: S105 - that is what it is


def told(service: str, folder: Path) -> dict[str, str]:
    """The environment of a service, with its secret in a file here."""
    file = folder / "password"
    file.write_text(PASSWORD)
    environment: dict[str, str] = SERVICES[service]["environment"]
    place = "/run/secrets/postgres_password"
    return {name: str(file) if value == place else value for name, value in environment.items()}


def script(
    name: str, path: Path, words: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of the deployment, with its tools in that folder."""
    return subprocess.run(
        ["/bin/sh", DEPLOY / name, *words],
        env={"PATH": f"{path}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )


def test_the_schema_is_brought_to_both_databases_by_the_tool_of_the_image(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(STAND_IN)
    tool.chmod(0o755)
    said = tmp_path / "said"
    result = script("schema.sh", tmp_path, SAID=str(said), **told("schema", tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    common = f"{tool} --plugin postgres12 --ep postgres -p 5432 -u temporal --db"
    versions = "/etc/temporal/schema/postgresql/v12"
    assert said.read_text().splitlines() == [
        f"{common} {database} {step}"
        for database, folder in (("temporal", "temporal"), ("temporal_visibility", "visibility"))
        for step in (
            "create",
            "setup-schema -v 0.0",
            f"update-schema -d {versions}/{folder}/versioned",
        )
    ]
    assert PASSWORD not in said.read_text()


def test_a_schema_that_can_not_be_brought_is_a_failure(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    assert script("schema.sh", tmp_path, **told("schema", tmp_path)).returncode == 1


@pytest.mark.parametrize(("name", "service"), [("schema.sh", "schema"), ("engine.sh", "temporal")])
def test_without_the_password_nothing_is_begun(name: str, service: str, tmp_path: Path) -> None:
    environment = told(service, tmp_path)
    (tmp_path / "password").unlink()
    result = script(name, tmp_path, **environment)
    assert result.returncode != 0
    assert "password: No such file or directory" in result.stderr


def test_the_engine_has_its_password_in_its_own_environment_only(tmp_path: Path) -> None:
    words = ["sh", "-c", 'echo "$POSTGRES_PWD"']
    result = script("engine.sh", tmp_path, words, **told("temporal", tmp_path))
    assert (result.returncode, result.stdout) == (0, f"{PASSWORD}\n")
    assert SERVICES["temporal"]["command"] == ["/etc/temporal/entrypoint.sh"]


def test_each_script_stands_where_it_is_mounted() -> None:
    for name in (*ONE_SHOTS, "temporal"):
        (mount,) = [each for each in mounts(name) if each.source.endswith(".sh")]
        assert SERVICES[name]["entrypoint"] == ["/bin/sh", mount.target]
        assert (ROOT / mount.source).read_text().startswith("#!/bin/sh\n")
