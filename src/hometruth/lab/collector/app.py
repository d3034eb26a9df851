"""The collector's HTTP side: ``/sa``, ``/sa.gif``, ``/debug``, ``/config/Android.conf``, and others.

Never answers 500: the Python SDK's sender thread dies for good on the first one. What it refuses gets a 4xx
with the reason as text and is kept as a dead letter; if its disk fails it answers 503, on which the Android
SDK keeps its rows.
"""

import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from hometruth.lab.collector.database import StoreError
from hometruth.lab.collector.decode import decode_events, parse_form
from hometruth.lab.collector.mistat_decoder import ANSWER, mistat_events
from hometruth.lab.collector.offer import Offer
from hometruth.lab.collector.operator.page import PREFIX, OperatorPages
from hometruth.lab.collector.packing import Rejected
from hometruth.lab.collector.spock_decoder import spock_events
from hometruth.lab.collector.store import DeadLetter
from hometruth.lab.collector.writer import StoreWriter
from hometruth.lab.oem.cipher import unseal
from hometruth.lab.oem.declared import MISTAT_PATH, TRACKING_PATH

MAX_BODY_BYTES = 8 * 1024 * 1024
"""One request's body: fifty events at the SDKs' own limits are smaller."""
DEFAULT_PROJECT = "default"
"""Project of a URL that names none, as the protocol has it."""
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""The transparent image of 42 bytes that ``/sa.gif`` answers with."""

OTHER_CHANNELS = {MISTAT_PATH: mistat_events, TRACKING_PATH: spock_events}
"""The vendor's other channels, each a form of its own."""

Endpoint = Callable[[Request], Awaitable[Response]]


def collector_app(
    store: StoreWriter, *, offer: Offer | None = None, operator: OperatorPages | None = None
) -> Starlette:
    """The application that keeps what it receives in *store*.

    Args:
        store: Where events, refused requests and keys are.
        offer: What the remote configuration tells; by default keys, and nothing that changes anything.
        operator: The operator's pages, if they are to be served too.
    """
    told = offer or Offer()

    async def refuse(request: Request, status: int, reason: str, body: bytes = b"") -> Response:
        target = _target_of(request)
        letter = DeadLetter(time.time_ns(), status, reason, request.method, target, body)
        await store.write(lambda opened: opened.bury(letter))
        return PlainTextResponse(f"{reason}\n", status)

    async def collect(request: Request) -> Response:
        try:
            body = await _read_body(request)
        except ClientDisconnect:
            return await refuse(request, 400, "the body broke off")
        if body is None:
            return await refuse(request, 413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        path = request.scope["path"]
        try:
            query = parse_form(request.scope["query_string"])
            form = query if request.method == "GET" else parse_form(body)
            if path in OTHER_CHANNELS:
                project, events = OTHER_CHANNELS[path](form)
            else:
                project, events = query.get("project", DEFAULT_PROJECT), decode_events(form, store.keys)
        except Rejected as err:
            return await refuse(request, 400, str(err), body)
        is_check = path == "/debug" and request.headers.get("dry-run", "").lower() == "true"
        if not is_check:
            at = time.time_ns()
            await store.write(lambda opened: opened.keep(events, project=project, path=path, received_ns=at))
        return _thanks(path)

    async def config(request: Request) -> Response:
        settings = told.configs(store.keys)
        version = f"lab-{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:12]}"
        if request.query_params.get("v") == version:
            return Response(status_code=304)
        return JSONResponse({"v": version, "configs": settings})

    async def look(request: Request) -> Response:
        assert operator is not None
        return await run_in_threadpool(operator.answer, request)

    async def unknown(request: Request) -> Response:
        return await refuse(request, 404, "nothing here; try /sa, /sa.gif, /debug or /config/Android.conf")

    routes: dict[str, tuple[Endpoint, frozenset[str]]] = {
        "/sa": (collect, frozenset({"GET", "POST"})),
        "/sa.gif": (collect, frozenset({"GET", "POST"})),
        "/debug": (collect, frozenset({"GET", "POST"})),
        "/recommend": (_recommend, frozenset({"POST"})),
        "/config/Android.conf": (config, frozenset({"GET"})),
        **dict.fromkeys(OTHER_CHANNELS, (collect, frozenset({"POST"}))),
    }

    async def answer(request: Request) -> Response:
        path = request.scope["path"]
        endpoint, methods = routes.get(path, (unknown, frozenset({request.method})))
        if operator is not None and f"{path}/".startswith(f"{PREFIX}/"):
            endpoint, methods = look, frozenset({"GET"})
        try:
            if request.method == "OPTIONS":
                response: Response = Response(status_code=204)
            elif request.method in methods:
                response = await endpoint(request)
            else:
                response = await refuse(request, 405, f"{request.method} is not for {path}")
        except StoreError as err:
            response = PlainTextResponse(f"the events cannot be stored now: {err}\n", 503)
        if endpoint is not look:  # no other page may read these
            _allow_origin(request, response)
        return response

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", answer, methods=methods)])


async def _recommend(request: Request) -> Response:
    """Something to read again: what an enciphered address says, told back in the clear."""
    try:
        fields = json.loads(await _read_body(request) or b"")
        address = unseal(base64.b64decode(fields["v"])).decode()
    except (ClientDisconnect, KeyError, TypeError, ValueError) as err:
        return PlainTextResponse(f"no enciphered address: {type(err).__name__}\n", 400)
    return JSONResponse({"again": address})


def _thanks(path: str) -> Response:
    """What each protocol takes for success."""
    if path == "/sa.gif":
        return Response(PIXEL, media_type="image/gif")
    if path in OTHER_CHANNELS:
        return JSONResponse(ANSWER)
    return JSONResponse({}) if path == "/debug" else PlainTextResponse("")


def _target_of(request: Request) -> str:
    """Path and query, whatever the Host header says."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else str(path)


async def _read_body(request: Request) -> bytes | None:
    """The body, None if too large; all of it is read even then, or the answer would not arrive."""
    body = bytearray()
    too_large = False
    async for chunk in request.stream():
        too_large = too_large or len(body) + len(chunk) > MAX_BODY_BYTES
        if not too_large:
            body += chunk
    return None if too_large else bytes(body)


def _allow_origin(request: Request, response: Response) -> None:
    """Let web pages of any origin report here, as the real service does."""
    origin = request.headers.get("origin")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Allow-Headers"] = "content-type, dry-run"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Vary"] = "Origin"
