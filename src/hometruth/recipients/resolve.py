"""Who received an exchange."""

from hometruth.model import Exchange, Recipient
from hometruth.recipients.organisations import Organisations, registrable_domain
from hometruth.recipients.sdk import Recognised


def resolve(
    exchange: Exchange, recognised: Recognised | None, *, vendor: str | None, organisations: Organisations
) -> Recipient:
    """Name the recipient of *exchange*; every statement beyond the host carries its source.

    Args:
        recognised: The SDK whose protocol the exchange speaks, if any.
        vendor: Organisation behind the audited product; None if unknown (a plain `scan`).
    """
    domain = registrable_domain(exchange.host)
    owner = organisations.get(domain)
    sources = []
    if owner:
        sources.append(("organisation", owner.source))
    if recognised:
        sources.append(("sdk", recognised.source))
    return Recipient(
        host=exchange.host,
        domain=domain,
        organisation=owner.name if owner else None,
        country=owner.country if owner else None,
        sdk=recognised.sdk if recognised else None,
        sdk_maker=recognised.maker if recognised else None,
        vendor_controlled=owner is not None and owner.name == vendor,
        sources=tuple(sources),
    )
