"""What one half of a pair sent to one group of endpoints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hometruth.opaque.endpoints import Endpoints


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, or one connection that could not be opened, as the test sees it."""

    trial: str
    """The session during which it was recorded."""
    host: str
    path: str
    size_bytes: int
    """Of everything that can carry a message: path, query and body, and WebSocket messages."""
    atoms: tuple[int, ...] = ()
    """Sizes of what stays opaque in it, in bytes."""


@dataclass(frozen=True, slots=True)
class Half:
    """The traffic of one trial to one group."""

    size_bytes: int = 0
    atoms: tuple[int, ...] = ()
    """Ciphertexts in the order of sending."""

    @property
    def largest(self) -> int:
        """Bytes of the largest ciphertext."""
        return max(self.atoms, default=0)


def halves_of(sent: Iterable[Sent], endpoints: Endpoints) -> Mapping[str, Mapping[str, Half]]:
    """Traffic by group and trial; what a trial did not send is an empty half."""
    sizes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    atoms: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for item in sent:
        group = endpoints.group_of(item.host, item.path)
        if group is not None:
            sizes[group][item.trial] += item.size_bytes
            atoms[group][item.trial].extend(item.atoms)
    return {
        name: {trial: Half(size, tuple(atoms[name][trial])) for trial, size in sizes[name].items()}
        for name in endpoints.names
    }
