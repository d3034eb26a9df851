"""What `hometruth scan` without canaries shows to people: who was contacted, and what is known of it."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from hometruth.model import AskedName, Contacted, Contacts, KnownField, Party
from hometruth.report.catalogue import _
from hometruth.report.text import clip, escape_terminal, mask
from hometruth.report.width import console_of, print_whole

ROWS_SHOWN = 200
"""Lines of a table; a person wants the file or `--jsonl` beyond that."""
VALUE_ROOM = 60
"""Characters of a shown value; `--jsonl` has all."""
SHARED = frozenset(
    {
        *("appName", "appVersion", "architecture", "consentState", "country", "currency", "isAutomated"),
        *("isCharging", "isConversion", "isDntEnabled", "isEmulator", "isFirstLaunch", "isInDarkMode"),
        *("isInForeground", "isJsEnabled", "isMobileDevice", "isRoaming", "isRooted", "isUserActive"),
        *("isUserInactive", "language", "manufacturer", "model", "networkConnectionType", "orientation"),
        *("osName", "osVersion", "screenColorDepth", "screenHeight", "screenWidth", "timezone"),
        *("trackerSdkVersion", "viewedPageLanguage"),
    }
)
"""Kinds of values that very many people share: no secret, and shown."""


class KnownLine(NamedTuple):
    """Fields that a person takes for one: same kind, same value, same spot of the same endpoint."""

    company: str
    endpoint: str
    kind: str
    spot: str
    value: str
    reason: str


def shown(field: KnownField, *, reveal: bool) -> str:
    """The value of a field; masked unless it is no secret, or whoever asks may see it."""
    return field.value if reveal or field.kind in SHARED else mask(field.value)


def line_of(field: KnownField, *, reveal: bool) -> KnownLine:
    """The line for one field."""
    return KnownLine(
        company=field.company,
        endpoint=field.endpoint,
        kind=field.kind,
        spot=f"{field.part} {field.path}".strip(),
        value=clip(shown(field, reveal=reveal), VALUE_ROOM),
        reason=field.reason,
    )


def print_contacts(contacts: Contacts, lines: Counter[KnownLine], *, gaps_follow: bool) -> None:
    """Every recipient, then what endpoints that are known were sent.

    Args:
        contacts: Who was contacted.
        lines: Known fields with how often each was sent.
        gaps_follow: True if a list of gaps is printed after this.
    """
    console = console_of()
    if not contacts.recipients:
        console.print(_("Nobody was contacted in {exchanges} exchanges.", exchanges=contacts.exchanges))
        return
    print_whole(console, _recipients(contacts))
    if len(contacts.recipients) > ROWS_SHOWN:
        console.print(
            _("{part} more recipients; --jsonl lists all.", part=len(contacts.recipients) - ROWS_SHOWN)
        )
    if contacts.names:
        print_whole(console, _names(contacts.names))
    if len(contacts.names) > ROWS_SHOWN:
        console.print(_("{part} more names; --jsonl lists all.", part=len(contacts.names) - ROWS_SHOWN))
    if lines:
        print_whole(console, _fields(lines))
    if len(lines) > ROWS_SHOWN:
        console.print(_("{part} more lines; --jsonl lists all.", part=len(lines) - ROWS_SHOWN))
    console.print(_closing(contacts, gaps_follow=gaps_follow))


def _recipients(contacts: Contacts) -> Table:
    groups = len({row.group for row in contacts.recipients})
    table = Table(
        title=_(
            "{len} hosts of {groups} organisations or domains were contacted in {exchanges} exchanges",
            len=len(contacts.recipients),
            groups=groups,
            exchanges=contacts.exchanges,
        ),
        title_justify="left",
    )
    for column in ("organisation", "host"):
        table.add_column(column)
    for column in ("requests", "sent", "opaque"):
        table.add_column(column, justify="right")
    for column in (_("what is known"), _("first seen")):
        table.add_column(column)
    told = None
    for row in contacts.recipients[:ROWS_SHOWN]:
        group = (row.group, row.party is Party.OWN)
        table.add_row(
            Text("" if group == told else escape_terminal(_called(row))),
            Text(escape_terminal(row.host)),
            str(row.requests),
            f"{row.sent_bytes:,}",
            f"{row.opaque_bytes:,}" if row.opaque_bytes else "",
            Text(escape_terminal(", ".join(_facts(row)))),
            (row.first_seen or "").removesuffix("+00:00"),
            style="dim" if row.party is Party.OWN else "",
        )
        told = group
    return table


def _names(names: Sequence[AskedName]) -> Table:
    different = len({each.name for each in names})
    table = Table(
        title=_("{different} names were asked for (DNS)", different=different), title_justify="left"
    )
    for column in ("name", "kind", _("of whom"), _("leads on to")):
        table.add_column(column)
    table.add_column("times", justify="right")
    for asked in names[:ROWS_SHOWN]:
        cells = (asked.name, asked.kind, asked.resolver, ", ".join(asked.aliases))
        table.add_row(*(Text(escape_terminal(each)) for each in cells), str(asked.times))
    return table


def _called(row: Contacted) -> str:
    return f"{row.group}, own" if row.party is Party.OWN else row.group


def _facts(row: Contacted) -> Sequence[str]:
    facts = [*filter(None, (row.service,)), *row.sdks, *row.kinds]
    if row.behind:
        known = (
            _(" of {behind_organisation}", behind_organisation=row.behind_organisation)
            if row.behind_organisation
            else ""
        )
        facts.append(_("leads to {behind}{known}", behind=row.behind, known=known))
    if row.refused:
        facts.append(_("{refused} connections not opened", refused=row.refused))
    if row.dropped:
        facts.append(_("{dropped} bodies not kept", dropped=row.dropped))
    return facts


def _fields(lines: Counter[KnownLine]) -> Table:
    table = Table(title=_("What known endpoints were sent"), title_justify="left")
    for column in (_("sent to"), "kind", "value", "where"):
        table.add_column(column)
    table.add_column("times", justify="right")
    table.add_column(_("why we believe it"))
    told = ""
    for line, times in sorted(lines.items())[:ROWS_SHOWN]:
        endpoint = f"{escape_terminal(line.company)}\n{escape_terminal(line.endpoint)}"
        texts = [escape_terminal(text) for text in (line.kind, line.value, line.spot)]
        cells = [Text(text) for text in ("" if endpoint == told else endpoint, *texts)]
        table.add_row(*cells, str(times), Text(escape_terminal(line.reason)))
        told = endpoint
    return table


def _closing(contacts: Contacts, *, gaps_follow: bool) -> str:
    n_known, n = contacts.exchanges_known, contacts.exchanges
    known = _("{n_known} of {n} exchanges went to endpoints whose fields are known", n_known=n_known, n=n)
    opaque = sum(row.opaque_bytes for row in contacts.recipients)
    unread = _("; {opaque:,} bytes that were sent are opaque", opaque=opaque) if opaque else ""
    more = _(": see what was not read.") if gaps_follow and contacts.gaps else "."
    return _(
        "{known}; of the others nothing is said but what is above{unread}{more}",
        known=known,
        unread=unread,
        more=more,
    )
