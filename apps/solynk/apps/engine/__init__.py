"""The application: use cases over the ports, without any framework.

The database is the queue of truth. `receive` stores what came in, `apply` turns it into facts and
derives what should be, `execute` carries out the difference, `advance` does what only the clock
brings. Each can run again at any time, in any number of processes.
"""

from solynk.apps.engine.advance import advance, touch
from solynk.apps.engine.apply import apply
from solynk.apps.engine.backlog import COUNTED, Backlog, backlog
from solynk.apps.engine.catalog import (
    change_channel,
    change_organization,
    change_plan,
    change_product,
    connect_channel,
    inspect_all,
    inspect_channel,
    save_customer,
    save_organization,
    save_plan,
    save_product,
)
from solynk.apps.engine.changes import (
    ChannelChange,
    OrganizationChange,
    PlanChange,
    PolicyChange,
    ProductChange,
    Unfit,
)
from solynk.apps.engine.checking import AccessCheck, check_access
from solynk.apps.engine.execute import execute
from solynk.apps.engine.explaining import ChannelAccess, explain_customer
from solynk.apps.engine.feeding import Feeder
from solynk.apps.engine.identities import ClaimLink, bind_person, offer_claim
from solynk.apps.engine.people import Person, Target, block, grant, release_brake, unblock, withdraw
from solynk.apps.engine.receive import Receipt, receive, receive_updates
from solynk.apps.engine.reconcile import Reconciled, reconcile
from solynk.apps.engine.redecoding import Difference, Reread, redecode
from solynk.apps.engine.replaying import replay_command, replay_event, resolve_alert
from solynk.apps.engine.retention import Outcome, Retained, retain, survey
from solynk.apps.engine.sealing import Notary, Sealer, checkpoint, seal
from solynk.apps.engine.selling import Wanted, open_checkout
from solynk.apps.engine.verifying import (
    ChainChecked,
    Everything,
    Scope,
    find_strays,
    verify_chains,
)
from solynk.apps.engine.watching import Watch
from solynk.apps.engine.wiring import GRACE_TO_FINISH, Wiring, new_id
from solynk.apps.engine.worker import Doorbell, Worker, drain

__all__ = [
    "COUNTED",
    "GRACE_TO_FINISH",
    "AccessCheck",
    "Backlog",
    "ChainChecked",
    "ChannelAccess",
    "ChannelChange",
    "ClaimLink",
    "Difference",
    "Doorbell",
    "Everything",
    "Feeder",
    "Notary",
    "OrganizationChange",
    "Outcome",
    "Person",
    "PlanChange",
    "PolicyChange",
    "ProductChange",
    "Receipt",
    "Reconciled",
    "Reread",
    "Retained",
    "Scope",
    "Sealer",
    "Target",
    "Unfit",
    "Wanted",
    "Watch",
    "Wiring",
    "Worker",
    "advance",
    "apply",
    "backlog",
    "bind_person",
    "block",
    "change_channel",
    "change_organization",
    "change_plan",
    "change_product",
    "check_access",
    "checkpoint",
    "connect_channel",
    "drain",
    "execute",
    "explain_customer",
    "find_strays",
    "grant",
    "inspect_all",
    "inspect_channel",
    "new_id",
    "offer_claim",
    "open_checkout",
    "receive",
    "receive_updates",
    "reconcile",
    "redecode",
    "release_brake",
    "replay_command",
    "replay_event",
    "resolve_alert",
    "retain",
    "save_customer",
    "save_organization",
    "save_plan",
    "save_product",
    "seal",
    "survey",
    "touch",
    "unblock",
    "verify_chains",
    "withdraw",
]
