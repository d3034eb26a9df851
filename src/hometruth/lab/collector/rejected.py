"""The one exception of decoding."""


class Rejected(Exception):
    """The request is not what the protocol asks for; the message says why."""
