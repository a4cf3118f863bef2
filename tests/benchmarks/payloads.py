"""The events that are delivered: as large as Stripe's own, each with an id of its own."""

import json
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.load import ID

SAMPLES: Final = Path(__file__).parents[1] / "adapters" / "stripe" / "samples"
LINES: Final = 3
"""Of the invoice: a plan, a seat and a tax make the size of a common event, 5.7 kB."""


def an_invoice_paid(*, id: str = ID) -> str:  # noqa: A002 the field's own name
    """A paid invoice of a connected account, in the words and the spacing that Stripe sends."""
    event: dict[str, Any] = json.loads((SAMPLES / "invoice.paid.endive.json").read_text())
    lines = event["data"]["object"]["lines"]
    [line] = lines["data"]
    lines["data"] = [{**line, "id": f"{line['id']}{number}"} for number in range(LINES)]
    return json.dumps({**event, "id": id}, indent=2, ensure_ascii=False)
