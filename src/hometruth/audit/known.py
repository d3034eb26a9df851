"""What receivers know although nobody was seen to tell, where no plan says who they are: by host."""

from collections.abc import Iterable, Sequence

from hometruth.canaries import weigh
from hometruth.findings import receipts
from hometruth.model import Receipt, Sighting
from hometruth.recipients import load_organisations, resolve


def receipts_of(
    answers: Sequence[Sighting], requests: Iterable[Sighting], answer_bytes: int
) -> tuple[Receipt, ...]:
    """What answers hold that no request carried to the same organisation before.

    Args:
        answers: Canaries seen in answers.
        requests: All that were seen in requests.
        answer_bytes: Bytes of all values of answers searched.
    """
    told = list(requests)
    recipients = {
        each.exchange.id: resolve(each.exchange, None, vendor=(), organisations=load_organisations())
        for each in (*answers, *told)
    }
    return receipts(weigh(answers, answer_bytes), told, recipients)
