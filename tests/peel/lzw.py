"""An encoder for ``.Z`` that shares nothing with the decoder: codes as bits of a text, table by string."""

WIDEST = 16


def compress(data: bytes) -> bytes:
    """*data* as ncompress writes it, in block mode; the table is never emptied."""
    table = {bytes([byte]): byte for byte in range(256)}
    free, width = 257, 9
    groups: list[str] = []
    group = ""

    def put(code: int) -> None:
        nonlocal group, width
        group = format(code, f"0{width}b") + group  # the first code stands in the lowest bits
        if free > (1 << width) - 1 and width < WIDEST:
            close()
            width += 1
        elif len(group) == 8 * width:
            close()

    def close() -> None:
        nonlocal group
        groups.append(group.zfill(8 * width))
        group = ""

    known = b""
    for byte in data:
        longer = known + bytes([byte])
        if longer in table:
            known = longer
            continue
        put(table[known])
        if free < 1 << WIDEST:
            table[longer] = free
            free += 1
        known = longer[-1:]
    put(table[known])
    tail = group.zfill(-(-len(group) // 8) * 8)
    parts = [*groups, tail] if tail else groups
    return b"\x1f\x9d\x90" + b"".join(int(part, 2).to_bytes(len(part) // 8, "little") for part in parts)
