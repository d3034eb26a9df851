"""When the tunnel was down is told by its datagrams; that they get through at all is in `test_tunnel`."""

import asyncio
import socket
from contextlib import closing

from hometruth.capture.proxy.tunnel_watch import DOWN_AFTER_S, KEEPALIVE_S, TunnelWatch, _Relay, watched

T0 = 1_767_225_600
NS = 1_000_000_000


def not_to_fail(err: Exception) -> None:
    raise err


def test_a_silence_longer_than_keepalives_explain_is_told_with_its_times() -> None:
    told: list[tuple[int, str]] = []
    watch = TunnelWatch(lambda at_ns, words: told.append((at_ns, words)), not_to_fail)
    watch.ended(T0 * NS)  # a tunnel that nobody ever came through was never up
    for second in (0, KEEPALIVE_S, DOWN_AFTER_S + KEEPALIVE_S, 500, 501):
        watch.heard((T0 + second) * NS)
    watch.ended((T0 + 501 + DOWN_AFTER_S + 1) * NS)

    assert [at_ns for at_ns, _ in told] == [(T0 + 100) * NS, (T0 + 501) * NS]
    assert told[0][1].startswith(
        "the tunnel was down from 2026-01-01T00:01:40+00:00 to 2026-01-01T00:08:20+00:00:"
    )
    assert ", when the recording ended: not even a keepalive came" in told[1][1]


def test_only_who_was_answered_counts_and_others_cannot_hide_a_silence() -> None:
    told: list[str] = []
    now = [T0]

    async def talk() -> list[bytes]:
        loop = asyncio.get_running_loop()
        with closing(socket.socket(type=socket.SOCK_DGRAM)) as inner:
            inner.bind(("127.0.0.1", 0))
            inner.setblocking(False)
            watch = TunnelWatch(lambda _, words: told.append(words), not_to_fail)
            port = inner.getsockname()[1]
            async with watched("127.0.0.1", 0, port, watch, lambda: now[0] * NS) as outer:
                device, stranger = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
                with closing(device), closing(stranger):
                    for each in (device, stranger):
                        each.connect(("127.0.0.1", outer))
                        each.setblocking(False)
                    device.send(b"hello")
                    hello, address = await loop.sock_recvfrom(inner, 100)
                    inner.sendto(b"answer", address)
                    answer = await loop.sock_recv(device, 100)
                    device.send(b"up")
                    heard = [hello, answer, await loop.sock_recv(inner, 100)]
                    now[0] += DOWN_AFTER_S // 2
                    stranger.send(b"junk")
                    heard.append(await loop.sock_recv(inner, 100))
                    now[0] += DOWN_AFTER_S
                    device.send(b"back")
                    return [*heard, await loop.sock_recv(inner, 100)]

    assert asyncio.run(talk()) == [b"hello", b"answer", b"up", b"junk", b"back"]
    assert len(told) == 1
    assert "from 2026-01-01T00:00:00" in told[0]


def test_a_tunnel_whose_end_cannot_be_reached_is_told() -> None:
    failed: list[Exception] = []
    watch = TunnelWatch(lambda *_: None, failed.append)

    async def talk() -> None:
        relay = _Relay(("fe80::1", 1), watch, lambda: T0)  # an address of a network that is not named
        for port in (1, 2):
            relay.datagram_received(b"hello", ("127.0.0.1", port))
        await asyncio.gather(*relay._opening)

    asyncio.run(talk())

    assert [type(err) for err in failed] == [OSError, OSError]
