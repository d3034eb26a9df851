"""The ways in which the collector can ask SDKs to encrypt."""

from enum import StrEnum


class Scheme(StrEnum):
    """What remote configuration makes an SDK do that can encrypt: cipher for the key, and framing."""

    RSA_EVENT = "rsa-event"
    RSA_TRANSPORT = "rsa-transport"
    EC_EVENT = "ec-event"
    EC_TRANSPORT = "ec-transport"
