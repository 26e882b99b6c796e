"""Commands that are loaded when somebody means them.

Until then a command is its name and the one line that a list of commands says of it, so that help
and the tab key load no command at all, and a command only itself.
"""

from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand
from typer.main import get_group

from backstay.cli.usage import OneLineGroup


class Later(TyperCommand):
    """The command, or the group of commands, that a module has under a name."""

    def __init__(
        self, name: str, about: str, module: str, *, called: str = "", epilog: str = "EPILOG"
    ) -> None:
        """`about` is the first line of its help; `called` and `epilog`, what it and the end of its
        help are called in the module.
        """
        super().__init__(name, help=about)
        self.module = module
        self._called = called or name.replace("-", "_")
        self._ends_with = epilog

    @cached_property
    def loaded(self) -> Any:
        """What it is in full."""
        module = import_module(self.module)
        found = getattr(module, self._called)
        holder = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=self.name)
        else:
            holder.command(self.name, epilog=getattr(module, self._ends_with))(found)
        command: Any = get_group(holder).commands[self.name or ""]
        for param in command.params:
            _say_what_is_typed(param)
        return command

    def make_context(self, *args: Any, **more: Any) -> Any:
        """From here on it is the loaded one that parses, completes and runs."""
        return self.loaded.make_context(*args, **more)


def _say_what_is_typed(param: Any) -> None:
    """The library adds the name of a type in our code to the word that stands for an argument."""
    if isinstance(param, TyperArgument) and param.metavar is not None:
        setattr(param, "display_type_rich", lambda ctx: "")  # noqa: ARG005, B010


def group_of(commands: Iterable[Later]) -> type[OneLineGroup]:
    """The kind of group that has these commands."""

    class Group(OneLineGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            for command in commands:
                self.add_command(command)

    return Group
