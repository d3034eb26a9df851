"""Personal data that nobody named, told by what it looks like and by what its field is called."""

from hometruth.identity.unnamed.find import plain, resemblances, without_personal

__all__ = ["plain", "resemblances", "without_personal"]
