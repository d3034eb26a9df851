"""What names a device or a person."""

from hometruth.identity.fields import IDENTIFIER_FIELDS, IdentifierField
from hometruth.identity.register import IdentifierRegister

__all__ = ["IDENTIFIER_FIELDS", "IdentifierField", "IdentifierRegister"]
