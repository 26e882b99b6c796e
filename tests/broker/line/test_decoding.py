"""What the line relies on in ib_async, which is pinned because parts of it are private."""

import inspect
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import pytest
from ib_async import ComboLeg, Contract, Execution, Order, OrderState
from ib_async.client import Client
from ib_async.decoder import Decoder

from backstay.broker.line.decoding import _CALLED_OTHERWISE, Decoding
from backstay.broker.line.encoding import SERVER_VERSION
from backstay.broker.translation.hearing import Hearing
from tests.broker.line.stage import Recorder

OURS = {"unread"}
"""What the hearing has besides what the decoder calls."""


def decoding(hearing: object) -> tuple[Decoding, list[Exception]]:
    errors: list[Exception] = []
    return Decoding(hearing, lambda _message, error: errors.append(error)), errors


class Everything:
    """Has a method of every name, and writes down which were called."""

    defaultTimezone = None  # noqa: N815

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_values: self.called.append(name)


def test_it_is_the_release_that_was_read() -> None:
    assert version("ib_async") == "2.1.0"
    assert (Client.MinClientVersion, Client.MaxClientVersion) == (157, SERVER_VERSION)


def test_the_decoder_is_built_as_it_was_read() -> None:
    assert list(inspect.signature(Decoder.__init__).parameters) == [
        "self",
        "wrapper",
        "serverVersion",
    ]
    assert list(inspect.signature(Decoder.wrap).parameters) == [
        "self",
        "methodName",
        "types",
        "skip",
    ]
    decoder = Decoder(Recorder(), SERVER_VERSION)  # type: ignore[arg-type]
    assert decoder.handlers.keys() == Decoding(Recorder(), print).handlers.keys()


def test_the_client_is_built_as_it_was_read() -> None:
    client: Any = Client(None)  # type: ignore[no-untyped-call]
    assert (client.connState, client._serverVersion, client.clientId) == (0, 0, -1)
    assert list(inspect.signature(Client.sendMsg).parameters) == ["self", "msg"]
    with pytest.raises(ConnectionError):
        client.reqCurrentTime()


@pytest.mark.parametrize(
    ("types", "fields", "values"),
    [
        ([int, float, str, bool], ["7", "1.5", "x", "1"], [7, 1.5, "x", True]),
        ([int, float, str, bool], ["", "", "", ""], [0, 0.0, "", False]),
        ([int, int], ["7"], [7]),
        ([int], ["7", "8"], [7]),
    ],
)
def test_plain_fields_are_read_as_ib_async_reads_them(
    types: list[type], fields: list[str], values: list[object]
) -> None:
    class Heard:
        def __init__(self) -> None:
            self.told: list[list[object]] = []

        def said(self, *what: object) -> None:
            self.told.append(list(what))

    ours, theirs = Heard(), Heard()
    decoding(ours)[0].wrap("said", types)(["0", "1", *fields])
    their_decoder: Any = Decoder(theirs, SERVER_VERSION)  # type: ignore[arg-type]
    their_decoder.wrap("said", types)(["0", "1", *fields])
    assert ours.told == theirs.told == [values]


def test_the_hearing_is_called_by_names_that_the_decoder_knows() -> None:
    decoder, _errors = decoding(Everything())
    called = {
        _CALLED_OTHERWISE.get(handler.__name__, handler.__name__)
        for handler in decoder.handlers.values()
    } | {"historicalDataEnd"}
    methods = {
        name
        for name, member in vars(Hearing).items()
        if not name.startswith("_") and callable(member)
    }
    assert methods - OURS - called == set()


def test_every_method_that_is_looked_for_is_the_one_that_is_called() -> None:
    """A handler that calls a method of another name than its own would be taken for unheard."""
    source = inspect.getsource(Decoder)
    for handler in decoding(Everything())[0].handlers.values():
        name = _CALLED_OTHERWISE.get(handler.__name__, handler.__name__)
        if inspect.ismethod(handler) and name != "tickByTick":
            assert f"self.wrapper.{name}(" in source, name


def test_a_message_is_heard_only_if_the_hearing_has_its_method() -> None:
    recorder = Recorder()
    decoder, errors = decoding(recorder)
    decoder.take(b"49\x001\x007\0")
    decoder.take(b"15\x001\0DU1,DU2\0")
    assert recorder.calls == [("time", 7)]
    assert errors == []


@pytest.mark.parametrize("made_of", [Contract, Execution, Order, OrderState, ComboLeg])
@pytest.mark.parametrize("text", ["", "0", "1", "7"])
def test_the_fields_of_an_object_are_read_as_ib_async_reads_them(
    made_of: type[Any], text: str
) -> None:
    ours, theirs = made_of(), made_of()
    read = [each for each in fields(made_of) if isinstance(each.default, str | int | float)]
    for field in read:
        setattr(ours, field.name, text)
        setattr(theirs, field.name, text)
    decoder, _ = decoding(Everything())
    decoder.parse(ours)
    Decoder.parse(decoder, theirs)  # type: ignore[no-untyped-call]
    for field in read:
        was_read = getattr(theirs, field.name)
        assert (getattr(ours, field.name), type(getattr(ours, field.name))) == (
            was_read,
            type(was_read),
        )
