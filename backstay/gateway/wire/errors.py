"""What is said of bytes that can't be read; nothing else is ever raised by reading."""


class WireError(Exception):
    """Bytes that are no message; `reason` names the message, the field and the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownRequest(WireError):  # noqa: N818 - an unknown request is what it is
    """A whole frame whose message id isn't spoken here."""

    def __init__(self, message_id: int) -> None:
        super().__init__(f"message {message_id} is not spoken here")
        self.message_id = message_id
