"""`python -m benchmarks.corpus.generate FOLDER`: a capture, its canaries, and the truth about it."""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from benchmarks.corpus.canaries import Planted, make_canaries
from benchmarks.corpus.digest_families import SALT
from benchmarks.corpus.families import FAMILIES
from benchmarks.corpus.filler import Filler
from benchmarks.corpus.har import write_har
from benchmarks.corpus.pcap import write_pcap
from benchmarks.corpus.plant import Plant, plant_decoys, plant_families, plant_own_visits
from benchmarks.corpus.sent import Sent

NAMES = {"har": "capture.har", "flows": "capture.mitm", "pcap": "capture.pcap"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of what."""

    requests: int
    each: int
    """Plantings of each family; there are four times as many decoys of each kind."""


SIZES = {
    "small": Size(1_000, 2),
    "full": Size(7_000, 11),
    "huge": Size(27_000, 11),
}
"""`full` is about 85 MB of HAR with 3,091 plantings; `huge` is about 540 MB."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The corpus of a seed and size: canaries, and which plants stand at which entry among the rest."""

    seed: int
    size: Size
    canaries: tuple[Planted, ...]
    plants: dict[int, Plant]

    def sent(self) -> Iterator[Sent]:
        """Every exchange, in order."""
        filler = Filler(self.seed)
        for number in range(self.size.requests):
            plant = self.plants.get(number)
            yield plant.sent if plant else filler.exchange(number)


def make_corpus(seed: int, size: Size, *, planted: bool = True, unlucky: bool = False) -> Corpus:
    """Draw a corpus; *planted* False gives the same traffic without any canary or decoy.

    Args:
        unlucky: The canaries are made of the words that the traffic is full of.

    Raises:
        ValueError: If there are fewer requests than things to plant.
    """
    canaries = make_canaries(seed, Filler(seed).vocabulary() if unlucky else None)
    plants = list(_plants(canaries, size, seed)) if planted else []
    if len(plants) > size.requests:
        raise ValueError(f"{len(plants)} plantings do not fit into {size.requests} requests; ask for more")
    places = sorted(Random(f"places {seed}").sample(range(size.requests), len(plants)))
    Random(f"order {seed}").shuffle(plants)
    return Corpus(seed, size, canaries, dict(zip(places, plants, strict=True)))


def _plants(canaries: Sequence[Planted], size: Size, seed: int) -> Iterator[Plant]:
    yield from plant_families(canaries, size.each, Random(f"families {seed}"), FAMILIES)
    yield from plant_own_visits(canaries, size.each, Random(f"own {seed}"))
    yield from plant_decoys(canaries, 4 * size.each, Random(f"decoys {seed}"))


def write_corpus(corpus: Corpus, folder: Path, form: str = "har") -> Path:
    """Write the capture, `canaries.json`, `truth.jsonl` and `decoys.jsonl`; give the capture's path."""
    folder.mkdir(parents=True, exist_ok=True)
    capture = folder / NAMES[form]
    if form == "har":
        write_har(corpus.sent(), capture)
    elif form == "pcap":
        write_pcap(corpus.sent(), capture)
    else:
        # Imported late: mitmproxy takes longer to load than a small corpus takes to write.
        from benchmarks.corpus.flows import write_flows  # noqa: PLC0415

        write_flows(corpus.sent(), capture)
    canaries = {"salts": [SALT], "canaries": [asdict(canary) for canary in corpus.canaries]}
    (folder / "canaries.json").write_text(json.dumps(canaries, ensure_ascii=False, indent=1) + "\n", "utf-8")
    rows = sorted(corpus.plants.items())
    _write_lines(folder / "truth.jsonl", (_row(n, plant.truth) for n, plant in rows if plant.truth))
    _write_lines(folder / "decoys.jsonl", (_row(n, plant.decoy) for n, plant in rows if plant.decoy))
    return capture


def _row(entry: int, fact: object) -> dict[str, object]:
    return {"entry": entry, **asdict(fact)}  # type: ignore[call-overload]


def _write_lines(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def main() -> None:
    """Parse the command line and write a corpus."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--requests", type=int, help="number of requests, instead of the size's own")
    parser.add_argument("--each", type=int, help="plantings of each family, instead of the size's own")
    parser.add_argument("--form", choices=NAMES, default="har")
    parser.add_argument("--clean", action="store_true", help="the traffic alone: no canary, no decoy")
    parser.add_argument("--unlucky", action="store_true", help="canaries of words that are in every request")
    given = parser.parse_args()
    usual = SIZES[given.size]
    size = Size(given.requests or usual.requests, given.each or usual.each)
    corpus = make_corpus(given.seed, size, planted=not given.clean, unlucky=given.unlucky)
    write_corpus(corpus, given.folder, given.form)


if __name__ == "__main__":
    main()
