import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Request, TextMessage

from hometruth.capture import Recorder, read_capture, read_connections
from hometruth.capture.proxy.recording import HALF_A_MESSAGE
from hometruth.model import Exchange, Message
from tests.capture.conftest import eventually


def events(connection: WSConnection, raw: socket.socket) -> Iterator[Event]:
    """Events of one side, until the other side closes."""
    while True:
        yield from connection.events()
        data = raw.recv(65536)
        if not data:
            return
        connection.receive_data(data)


def shout(listening: socket.socket) -> None:
    """A WebSocket server for one client: answers every text in capitals."""
    raw, _ = listening.accept()
    connection = WSConnection(ConnectionType.SERVER)
    with raw:
        for event in events(connection, raw):
            match event:
                case Request():
                    raw.sendall(connection.send(AcceptConnection()))
                case TextMessage(data=text):
                    raw.sendall(connection.send(TextMessage(text.upper())))
                case CloseConnection():
                    raw.sendall(connection.send(event.response()))
                    return


@pytest.fixture
def shouting_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=shout, args=(listening,))
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_websocket_messages_are_recorded_both_ways(flow_file: Path, shouting_port: int) -> None:
    url = f"http://127.0.0.1:{shouting_port}/chat"
    with Recorder(flow_file) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        connection = WSConnection(ConnectionType.CLIENT)
        with raw:
            raw.sendall(connection.send(Request(host=f"127.0.0.1:{shouting_port}", target=url)))
            for event in events(connection, raw):
                match event:
                    case AcceptConnection():
                        raw.sendall(connection.send(BytesMessage(b"\x00\xff")))
                        raw.sendall(connection.send(TextMessage("hello")))
                    case TextMessage(data="HELLO"):
                        raw.sendall(connection.send(CloseConnection(1000)))

    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert (exchange.url, exchange.status) == (url, 101)
    assert [(message.sent, message.data, message.is_text) for message in exchange.messages] == [
        (True, b"\x00\xff", False),
        (True, b"hello", True),
        (False, b"HELLO", True),
    ]
    assert all(isinstance(message, Message) and message.time_ns for message in exchange.messages)


@pytest.mark.parametrize("ended_by", ["the client", "the end of the recording"])
def test_of_a_message_that_is_never_whole_what_came_is_kept(
    flow_file: Path, shouting_port: int, ended_by: str
) -> None:
    """A fragment, and half of another's frame."""
    url = f"http://127.0.0.1:{shouting_port}/chat"
    with Recorder(flow_file) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        connection = WSConnection(ConnectionType.CLIENT)
        raw.sendall(connection.send(Request(host=f"127.0.0.1:{shouting_port}", target=url)))
        assert isinstance(next(events(connection, raw)), AcceptConnection)
        raw.sendall(connection.send(TextMessage("first leak, ", message_finished=False)))
        raw.sendall(connection.send(TextMessage("second leak" + "." * 90))[:-80])
        if ended_by == "the client":
            raw.close()
            eventually(lambda: not recorder.n_under_way)
    raw.close()

    (chat,) = (item for item in read_capture(flow_file) if isinstance(item, Exchange))
    (half,) = chat.messages
    assert (half.sent, half.data.startswith(b"first leak, second leak....")) == (True, True)
    told = [gap.detail for gap in read_connections(flow_file)]
    assert told == ([HALF_A_MESSAGE] if ended_by == "the client" else [])  # else the exchange itself says so
    assert (chat.error is None) is (ended_by == "the client")
