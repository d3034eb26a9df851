"""What a failed assertion says: ten lines, and the exchange beside them."""

from pathlib import Path

from hometruth.audit.examine import examine
from hometruth.canaries import Search
from hometruth.model import DECIDING_BITS, Exchange, Sighting, Standing, Transfer
from hometruth.peel import replay
from hometruth.report.gate_text import receiver
from hometruth.report.text import clip, escape_terminal, printable

SHOWN_CHARS = 76
"""Of one stage."""
MOST_STAGES = 5
BODY_SHOWN_CHARS = 4_000
VERBS = {
    Standing.FOUND: "was sent",
    Standing.ATTEMPT: "was tried to be sent",
    Standing.WEAK: "may have been sent",
}


def transfer_text(transfer: Transfer, exchange: Exchange, search: Search, flow_file: Path) -> str:
    """Recipient, request, field, and the value peeled layer by layer."""
    told = [f"{transfer.canary!r} {VERBS[transfer.standing]} to {receiver(transfer)}, and nothing allows it"]
    told.append(f"  request   {exchange.method} {clip(exchange.url, SHOWN_CHARS)} ({exchange.delivered})")
    told.append(f"  field     {transfer.field}")
    told += _stages(transfer, exchange, search)
    bits = f"{transfer.evidence_bits:.0f} bits, {DECIDING_BITS:.0f} decide"
    told.append(f"  evidence  {bits}; {flow_file} has it")
    return "\n".join(map(escape_terminal, told))


def exchange_text(exchange: Exchange) -> str:
    """The request as text: first line, headers, body, and messages sent."""
    lines = [f"{exchange.method} {exchange.url}"]
    lines += [f"{printable(name)}: {printable(value)}" for name, value in exchange.request_headers]
    if exchange.request_body:
        lines += ["", clip(printable(exchange.request_body), BODY_SHOWN_CHARS)]
    lines += (f"> {clip(printable(each.data), BODY_SHOWN_CHARS)}" for each in exchange.messages if each.sent)
    return "\n".join(map(escape_terminal, lines))


def _stages(transfer: Transfer, exchange: Exchange, search: Search) -> list[str]:
    """The bytes after each step; the middle of a long chain is left out."""
    sighting = _sighting(transfer, exchange, search)
    stages = replay(exchange, sighting.value) if sighting else None
    if not sighting or not stages:
        return [f"  wrapping  {' > '.join((*transfer.chain, transfer.form))}"]
    lines = [f"  {stage.layer:<9} {clip(printable(stage.data), SHOWN_CHARS)}" for stage in stages]
    if len(lines) > MOST_STAGES:
        left_out = len(lines) - MOST_STAGES
        lines[2:-2] = [
            f"  …         {left_out + 1} layers: {' > '.join(stage.layer for stage in stages[2:-2])}"
        ]
    if transfer.form != "plain":
        lines.append(f"  {transfer.form:<9} of {sighting.canary.id!r}")
    return lines


def _sighting(transfer: Transfer, exchange: Exchange, search: Search) -> Sighting | None:
    """The same sighting once more, with its bytes; None if it was put together of several exchanges."""
    found = (
        each
        for each in examine(exchange, search).sightings
        if (each.canary.id, each.form.name, each.value.chain)
        == (transfer.canary, transfer.form, transfer.chain)
    )
    return next(found, None)
