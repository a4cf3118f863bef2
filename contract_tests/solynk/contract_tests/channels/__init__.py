"""What every channel platform promises, each promise a test in the words of the port.

A subclass of `ChannelPlatformContract` gives two fixtures: `platform`, the adapter, and `chat`, the
people around it, who are played by a `ChatDriver`.
"""

from solynk.contract_tests.channels.admission import AdmissionContract
from solynk.contract_tests.channels.expulsion import ExpulsionContract
from solynk.contract_tests.channels.inspection import ChannelInspectorContract
from solynk.contract_tests.channels.messages import MessengerContract
from solynk.contract_tests.channels.scenes import ChannelContract, ChatDriver
from solynk.contract_tests.channels.updates import UpdateFeedContract

__all__ = [
    "AdmissionContract",
    "ChannelContract",
    "ChannelInspectorContract",
    "ChannelPlatformContract",
    "ChatDriver",
    "ExpulsionContract",
    "MessengerContract",
    "UpdateFeedContract",
]


class ChannelPlatformContract(
    ChannelInspectorContract,
    AdmissionContract,
    ExpulsionContract,
    MessengerContract,
    UpdateFeedContract,
):
    """All of it."""
