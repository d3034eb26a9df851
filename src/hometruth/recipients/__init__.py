"""Host to recipient: organisation by a declared table, SDK by its protocol."""

from hometruth.recipients.asked_names import AskedBook, asked_names
from hometruth.recipients.organisations import Organisations, load_organisations, registrable_domain
from hometruth.recipients.pages import Pages, is_visit
from hometruth.recipients.resolve import is_of, receiver_of, resolve
from hometruth.recipients.sdk import Recognised, digest_of, event_names, recognise_sdk, said_in
from hometruth.recipients.sender import project_of, sender_of

__all__ = [
    "AskedBook",
    "Organisations",
    "Pages",
    "Recognised",
    "asked_names",
    "digest_of",
    "event_names",
    "is_of",
    "is_visit",
    "load_organisations",
    "project_of",
    "receiver_of",
    "recognise_sdk",
    "registrable_domain",
    "resolve",
    "said_in",
    "sender_of",
]
