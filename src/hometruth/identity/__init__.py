"""What names a device or a person."""

from hometruth.identity.register import IDENTIFIER_FIELDS, IdentifierField, IdentifierRegister

__all__ = ["IDENTIFIER_FIELDS", "IdentifierField", "IdentifierRegister"]
