from random import Random

from hometruth.capture.proxy.tls_records import RecordSizes

RECORDS = [(22, 300), (20, 1), (23, 5_000), (23, 0), (21, 2), (23, 16_401), (23, 1)]
STREAM = b"".join(bytes([kind, 3, 3]) + size.to_bytes(2) + bytes(size) for kind, size in RECORDS)


def test_records_are_told_however_they_are_cut() -> None:
    rng = Random(1)
    for _turn in range(50):
        sizes, at = RecordSizes(), 0
        found: list[tuple[int, int]] = []
        while at < len(STREAM):
            step = rng.choice([1, 3, 700, 20_000])
            found += sizes.feed(STREAM[at : at + step])
            at += step

        assert found == [record for record in RECORDS if record[1]]


def test_what_is_not_tls_is_counted_chunk_by_chunk() -> None:
    sizes = RecordSizes()

    assert list(sizes.feed(b"\x16\x03\x01\x00\x01.GET / HTTP/1.1")) == [(22, 1), (23, 9)]
    assert list(sizes.feed(b"more")) == [(23, 4)]
