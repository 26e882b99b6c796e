"""The scripts that set an engine up."""

import subprocess
from pathlib import Path

from tests.deploy.deployment import DEPLOY, ROOT, SERVICES

SECONDS_MAX = 60
STAND_IN = '#!/bin/sh\necho "$0 $*" >> "$SAID"\n'


def script(name: str, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the deployment, with its tools in that folder."""
    return subprocess.run(
        ["/bin/sh", DEPLOY / name],
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
    told = {key: str(value) for key, value in SERVICES["schema"]["environment"].items()}
    result = script("schema.sh", tmp_path, SAID=str(said), **told)
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
    assert told["SQL_PASSWORD"] not in said.read_text()


def test_a_schema_that_can_not_be_brought_is_a_failure(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    told = {key: str(value) for key, value in SERVICES["schema"]["environment"].items()}
    assert script("schema.sh", tmp_path, **told).returncode == 1


def test_each_script_stands_where_it_is_mounted() -> None:
    for name in ("schema", "namespace"):
        (mount,) = SERVICES[name]["volumes"]
        source, place, _ = mount.split(":")
        assert SERVICES[name]["entrypoint"] == ["/bin/sh", place]
        assert (ROOT / source).read_text().startswith("#!/bin/sh\n")
