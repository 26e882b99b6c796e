"""A contract type of import-linter that lists what may be imported instead of what may not.

The built-in types name what is forbidden, so a new module or a new library is allowed until
somebody thinks of it. A room with narrow doors is the other way round.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

STANDARD_LIBRARY = "stdlib"


class NarrowDoorsContract(Contract):
    """The importers import nothing but each other and what is allowed.

    `importers`: packages, with all their modules.
    `allowed`: packages or modules; `stdlib` stands for the whole standard library.
    `among` (optional): only imports of these packages are looked at; without it, all are.
    """

    importers = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())
    among = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect each direct import that goes through no door."""
        output.verbose_print(verbose, f"Looking at what {self._names('importers')} imports...")
        broken = [
            f"{importer} -> {imported}"
            for importer in sorted(graph.modules)
            if _is_within(importer, self._names("importers"))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._is_allowed(imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that goes through no door."""
        for line in check.metadata["broken"]:
            output.print_error(line)

    def _is_allowed(self, imported: str) -> bool:
        doors = self._names("allowed")
        among = self._names("among")
        return (
            _is_within(imported, self._names("importers"))
            or _is_within(imported, doors)
            or (bool(among) and not _is_within(imported, among))
            or (STANDARD_LIBRARY in doors and imported.partition(".")[0] in sys.stdlib_module_names)
        )

    def _names(self, option: str) -> tuple[str, ...]:
        # The fields are class attributes that import-linter replaces by plain lists.
        return tuple(getattr(self, option))


def _is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
