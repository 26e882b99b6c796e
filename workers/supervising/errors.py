"""Why a house can't be opened."""


class HouseError(Exception):
    """The house can't be opened, or not any more; the message is one line."""


class ToldToEndError(HouseError):
    """It was told to end before everything had begun."""
