"""What members read, in their language. Sent as Telegram's HTML, so the title is escaped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final

from msgspec import Struct

from solynk.core.command import Tell, Topic


class Wording(Struct, frozen=True):
    """`dated` and `linked` follow where the message has an end or a link."""

    plain: str
    dated: str = ""
    linked: str = ""


ENGLISH: Final[Mapping[Topic, Wording]] = {
    Topic.INVITED: Wording(
        "Welcome! You have access to <b>{title}</b>.",
        dated="The way in is open until {until}.",
        linked="Open this link and ask to join; you are let in at once:\n{link}",
    ),
    Topic.CLAIM: Wording(
        "Thank you for your purchase. Your access to <b>{title}</b> is ready.",
        dated="You can claim it until {until}.",
        linked="Open this link to connect it to your account:\n{link}",
    ),
    Topic.RENEWAL_FAILED: Wording(
        "The renewal payment for <b>{title}</b> did not go through. "
        "Please check your means of payment.",
        dated="You keep your access until {until}.",
        linked="You can do that here:\n{link}",
    ),
    Topic.RECOVERED: Wording(
        "Thank you, your payment for <b>{title}</b> has arrived. You keep your access.",
        dated="It is paid until {until}.",
    ),
    Topic.ENDED: Wording(
        "Your access to <b>{title}</b> has ended. Thank you for having been with us.",
        linked="You can come back whenever you like:\n{link}",
    ),
    Topic.NO_RIGHT: Wording(
        "You asked to join <b>{title}</b>, but there is no active access for this account. "
        "If you have paid, please open the link that you got after the payment.",
        linked="You can get access here:\n{link}",
    ),
}

FRENCH: Final[Mapping[Topic, Wording]] = {
    Topic.INVITED: Wording(
        "Bienvenue ! Vous avez accès à <b>{title}</b>.",
        dated="L'entrée reste ouverte jusqu'au {until}.",
        linked="Ouvrez ce lien et demandez à rejoindre ; vous entrez aussitôt :\n{link}",
    ),
    Topic.CLAIM: Wording(
        "Merci pour votre achat. Votre accès à <b>{title}</b> est prêt.",
        dated="Vous pouvez l'activer jusqu'au {until}.",
        linked="Ouvrez ce lien pour l'associer à votre compte :\n{link}",
    ),
    Topic.RENEWAL_FAILED: Wording(
        "Le paiement du renouvellement pour <b>{title}</b> n'a pas abouti. "
        "Merci de vérifier votre moyen de paiement.",
        dated="Vous gardez votre accès jusqu'au {until}.",
        linked="Vous pouvez le faire ici :\n{link}",
    ),
    Topic.RECOVERED: Wording(
        "Merci, votre paiement pour <b>{title}</b> est bien arrivé. Vous gardez votre accès.",
        dated="Il est payé jusqu'au {until}.",
    ),
    Topic.ENDED: Wording(
        "Votre accès à <b>{title}</b> est terminé. Merci d'avoir été des nôtres.",
        linked="Vous pouvez revenir quand vous voulez :\n{link}",
    ),
    Topic.NO_RIGHT: Wording(
        "Vous avez demandé à rejoindre <b>{title}</b>, mais ce compte n'a pas d'accès en cours. "
        "Si vous avez payé, merci d'ouvrir le lien reçu après le paiement.",
        linked="Vous pouvez obtenir un accès ici :\n{link}",
    ),
}

_ENGLISH_MONTHS: Final = tuple(
    "January February March April May June July August September October November December".split()
)
_FRENCH_MONTHS: Final = tuple(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)


def text(message: Tell, title: str) -> str:
    """French for the locale `fr`, English for every other."""
    french = message.locale == "fr"
    wording = (FRENCH if french else ENGLISH)[message.topic]
    parts = [wording.plain]
    if message.until is not None:
        parts.append(wording.dated)
    if message.link is not None:
        parts.append(wording.linked)
    return "\n".join(part for part in parts if part).format(
        title=escape(title),
        until=_date(message.until, french=french) if message.until else "",
        link=escape(message.link or ""),
    )


def _date(instant: datetime, *, french: bool) -> str:
    at = instant.astimezone(UTC)
    if french:
        return f"{at.day} {_FRENCH_MONTHS[at.month - 1]} {at.year} à {at:%H:%M} UTC"
    return f"{at.day} {_ENGLISH_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"
