"""Propositions about a host that is called: all that can be said of it where its payload cannot be read."""

from collections.abc import Iterator
from dataclasses import replace

from hometruth.bounds import lower_bound_percent
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Presence, Violation
from hometruth.claims.kinds.controls import option_texts, telemetry_controls
from hometruth.model import Contact, Proposition, Reason, ReasonKind, Trial


def _fits(proposition: Proposition, trial: Trial) -> bool:
    """True for a session in which just the actions asked for were done, of whatever if none are named."""
    if "actions" not in proposition.options:
        return True
    return {record.action for record in trial.actions} == set(option_texts(proposition, "actions"))


def _narrow(proposition: Proposition, cell: Cell, _evidence: Evidence) -> Cell:
    """The cell without valid sessions in which something else was done."""
    valid = {trial.id for trial in cell.valid}
    return replace(
        cell,
        planned=tuple(one for one in cell.planned if _fits(proposition, one) or one.id not in valid),
        valid=tuple(one for one in cell.valid if _fits(proposition, one)),
        attested=tuple(one for one in cell.attested if _fits(proposition, one)),
    )


def _speaks(proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return bool(_narrow(proposition, cell, evidence).attested)


def _calls(proposition: Proposition, trial: Trial, evidence: Evidence) -> Iterator[Contact]:
    """Requests to the vendor while the session ran, to the hosts asked for."""
    hosts = option_texts(proposition, "hosts")
    for contact in evidence.contacts:
        to = contact.recipient
        if contact.recorded_in == trial.id and to.vendor_controlled and (not hosts or to.host in hosts):
            yield contact


def _called(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence:
    sessions = _narrow(proposition, cell, evidence).attested
    hosts = option_texts(proposition, "hosts")
    calls = [call for trial in sessions if (call := next(_calls(proposition, trial, evidence), None))]
    if not calls:
        return Presence(None, Reason.of(ReasonKind.NO_REQUEST_WENT, hosts=hosts))
    first = calls[0]
    shown = Reason.of(
        ReasonKind.REQUESTS_WENT,
        n=len(calls),
        of=len(sessions),
        actions=option_texts(proposition, "actions") if "actions" in proposition.options else None,
        hosts=hosts,
        more_than_percent=lower_bound_percent(len(calls), len(sessions)),
        endpoint=first.endpoint,
    )
    went = Reason.of(ReasonKind.REQUEST_WENT, endpoint=first.endpoint)
    return Presence(shown, exhibit=Violation(first.recorded_in or "", OBSERVED, went, first.exchange))


def _nothing(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Violation]:
    return []


CONTACTED = Kind(
    violations=_nothing,
    silence=ReasonKind.NONE_WENT,
    speaks_to=_speaks,
    presence=_called,
    narrow=_narrow,
    controls=telemetry_controls,
    needs=frozenset({"control"}),
    takes=frozenset({"hosts", "actions"}),
)
"""Requests go to the vendor (to ``hosts``) during a session, whether or not anybody can read them.

With ``actions``: during sessions in which just these were done; an empty list asks for those without any.
"""
