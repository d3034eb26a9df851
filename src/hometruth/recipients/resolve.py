"""Who received an exchange."""

from collections.abc import Collection, Iterable

from hometruth.model import Exchange, Recipient, Value
from hometruth.recipients.language_models import LANGUAGE_MODEL_PROVIDER, language_model_provider
from hometruth.recipients.organisations import Organisations, load_organisations, registrable_domain
from hometruth.recipients.sdk import Recognised

Operator = tuple[str, str]
"""Name of a company, and why we believe that it runs the endpoint."""


def resolve(
    exchange: Exchange,
    recognised: Recognised | None,
    *,
    vendor: Collection[str],
    organisations: Organisations,
    operator: Operator | None = None,
    values: Iterable[Value] = (),
) -> Recipient:
    """Name the recipient of *exchange*; every statement beyond the host carries its source.

    Args:
        recognised: The SDK whose protocol the exchange speaks, if any.
        vendor: Organisations behind the audited product; none if unknown (a plain `scan`).
        operator: Who runs the endpoint, where that is known; asked where the table does not know the domain.
        values: What was said to it, where it is to be known by that what the recipient does with it.
    """
    domain = registrable_domain(exchange.host)
    owner = organisations.get(domain)
    provider = language_model_provider(exchange.host, values)
    if provider and provider.operator and not operator:
        operator = provider.operator, provider.source
    organisation, source = (owner.name, owner.source) if owner else operator or (None, "")
    sources = []
    if organisation:
        sources.append(("organisation", source))
    if recognised:
        sources.append(("sdk", recognised.source))
    if provider:
        sources.append(("service", provider.source))
    return Recipient(
        host=exchange.host,
        domain=domain,
        organisation=organisation,
        country=owner.country if owner else None,
        sdk=recognised.sdk if recognised else None,
        sdk_maker=recognised.maker if recognised else None,
        service=LANGUAGE_MODEL_PROVIDER if provider else None,
        vendor_controlled=organisation in vendor,
        sources=tuple(sources),
    )


def receiver_of(host: str) -> str:
    """Name of the organisation behind *host*, or its registrable domain: hosts of one receiver are one."""
    domain = registrable_domain(host)
    owner = load_organisations().get(domain)
    return owner.name if owner else domain


def is_of(host: str, vendor: Collection[str], organisations: Organisations) -> bool:
    """True if the table of organisations gives *host* to one of *vendor*."""
    owner = organisations.get(registrable_domain(host))
    return owner is not None and owner.name in vendor
