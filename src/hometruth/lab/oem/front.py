"""What is on the phone's screen: any app may say so, and the system's analytics watch."""

from collections.abc import Sequence
from typing import Protocol


class Watcher(Protocol):
    """Whoever is told what the owner looks at."""

    def opened(self, app: str) -> None:
        """An app came to the front, by its name in the lab."""

    def shown(self, package: str, screen: str) -> None:
        """Another screen shows."""

    def left(self) -> None:
        """Nothing shows any more."""

    def promoted_folder(self, folder: str, packages: Sequence[str]) -> None:
        """A folder of promoted apps was opened."""

    def signed_in(self, account: str) -> None:
        """The owner signed in to the vendor's account."""


class Front:
    """The screen; forwards to the watcher, if the phone has one."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None

    def opened(self, app: str) -> None:
        """An app came to the front."""
        if self.watcher is not None:
            self.watcher.opened(app)

    def shown(self, package: str, screen: str) -> None:
        """Another screen shows."""
        if self.watcher is not None:
            self.watcher.shown(package, screen)

    def left(self) -> None:
        """Nothing shows any more."""
        if self.watcher is not None:
            self.watcher.left()

    def promoted_folder(self, folder: str, packages: Sequence[str]) -> None:
        """A folder of promoted apps was opened."""
        if self.watcher is not None:
            self.watcher.promoted_folder(folder, packages)

    def signed_in(self, account: str) -> None:
        """The owner signed in."""
        if self.watcher is not None:
            self.watcher.signed_in(account)
