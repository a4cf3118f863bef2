"""The sentences of *explain*, one table for each language. Braces hold what is filled in."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from solynk.core.standing import Reason


class Situation(StrEnum):
    """Where a member and a channel are, as one sentence tells it."""

    INSIDE = "inside"
    INSIDE_IN_GRACE = "inside_in_grace"
    PROTECTED = "protected"
    WAITS_FOR_CLAIM = "waits_for_claim"
    INVITED = "invited"
    INVITE_EXPIRED = "invite_expired"
    LEFT = "left"
    REMOVED_BY_ADMIN = "removed_by_admin"
    OTHER_PERSON_INSIDE = "other_person_inside"
    BEING_LET_IN = "being_let_in"
    CANNOT_BE_LET_IN = "cannot_be_let_in"
    NO_RIGHT = "no_right"
    BEING_TAKEN_OUT = "being_taken_out"
    CANNOT_BE_TAKEN_OUT = "cannot_be_taken_out"
    HELD_BY_BRAKE = "held_by_brake"
    HELD_BY_SWITCH = "held_by_switch"
    HELD_BY_SHADOW = "held_by_shadow"
    PROTECTED_WITHOUT_RIGHT = "protected_without_right"
    INSIDE_WITHOUT_EVIDENCE = "inside_without_evidence"


class Tail(StrEnum):
    """What a clock adds to a reason."""

    UNTIL = "until"
    FOR_LIFE = "for_life"
    KEPT_UNTIL = "kept_until"
    RESUMES = "resumes"
    SINCE = "since"
    VERIFIED = "verified"
    UNASKED = "unasked"
    NOTHING = "nothing"


class Words(Struct, frozen=True):
    situations: Mapping[Situation, str]
    reasons: Mapping[Reason, str]
    tails: Mapping[Tail, str]
    no_source: str
    withdrawn: str
    right: str
    block: str
    seen: str
    bound: str
    nobody_bound: str
    fault_unknown: str


ENGLISH: Final = Words(
    situations={
        Situation.INSIDE: "The member is in {channel}: {why}.",
        Situation.INSIDE_IN_GRACE: "The member is still in {channel}: {why}.",
        Situation.PROTECTED: "The member is in {channel} as an owner, an admin or a protected"
        " person, and has a right to be: {why}.",
        Situation.WAITS_FOR_CLAIM: "The member has a right to {channel} and no known identity there:"
        " they come in once they open their claim link ({why}).",
        Situation.INVITED: "The member was invited to {channel} until {invited_until} and has not"
        " joined yet ({why}).",
        Situation.INVITE_EXPIRED: "The member did not use their invitation to {channel}, which ended"
        " on {invited_until}: another is on its way ({why}).",
        Situation.LEFT: "The member left {channel} by themselves; they have a right and come back"
        " in when they ask ({why}).",
        Situation.REMOVED_BY_ADMIN: "An admin removed the member from {channel} although they have"
        " a right ({why}): a person must decide.",
        Situation.OTHER_PERSON_INSIDE: "The member has a right to {channel} ({why}), but another"
        " person was let in for them and is taken out first.",
        Situation.BEING_LET_IN: "The member is being let into {channel}: {why}.",
        Situation.CANNOT_BE_LET_IN: "The member has a right to {channel} ({why}), but nobody can be"
        " let in there now: {fault}.",
        Situation.NO_RIGHT: "The member has no access to {channel}: {why}.",
        Situation.BEING_TAKEN_OUT: "The member is being taken out of {channel}: {why}.",
        Situation.CANNOT_BE_TAKEN_OUT: "The member has no right to {channel} ({why}), but nobody can"
        " be taken out there now: {fault}.",
        Situation.HELD_BY_BRAKE: "The member has no right to {channel} ({why}); many expulsions at"
        " once were stopped, and this one waits for a person to confirm.",
        Situation.HELD_BY_SWITCH: "The member has no right to {channel} ({why}), but removals are"
        " switched off.",
        Situation.HELD_BY_SHADOW: "The member has no right to {channel} ({why}); in shadow mode this"
        " is only written down.",
        Situation.PROTECTED_WITHOUT_RIGHT: "The member has no right to {channel} ({why}), but is an"
        " owner, an admin or a protected person and is left alone.",
        Situation.INSIDE_WITHOUT_EVIDENCE: "Someone without a right may be in {channel} ({why});"
        " there is no evidence of a right that ended, so a person must look.",
    },
    reasons={
        Reason.BLOCKED: "a block was laid",
        Reason.GRANTED: "access was granted by a person",
        Reason.GRANT_OVER: "the granted access is over",
        Reason.TRIAL: "the free trial runs",
        Reason.PAID: "the current period is paid",
        Reason.RENEWAL_IN_PROGRESS: "the renewal is in progress",
        Reason.PAYMENT_PENDING: "the renewal's payment is on its way",
        Reason.PAYMENT_FAILED: "the renewal's payment failed",
        Reason.UNVERIFIED: "the renewal is not paid, and the provider could not be asked yet",
        Reason.NOT_PAID: "the renewal was not paid",
        Reason.PAUSED: "the subscription is paused",
        Reason.COLLECTION_PAUSED: "the collection of payments is paused",
        Reason.DISPUTED: "the payment is disputed",
        Reason.DISPUTE_LOST: "the payment was taken back by a dispute",
        Reason.REFUNDED: "the payment was refunded",
        Reason.CANCEL_REQUESTED: "the subscription was canceled as requested",
        Reason.CANCELED_BY_MERCHANT: "the seller ended the subscription",
        Reason.ACCESS_DAYS_OVER: "the days that were paid for are over",
        Reason.NEVER_PAID: "nothing was paid yet",
        Reason.FIRST_PAYMENT_FAILED: "the first payment failed",
        Reason.FIRST_PAYMENT_PENDING: "the first payment is on its way",
    },
    tails={
        Tail.UNTIL: ", until {when}",
        Tail.FOR_LIFE: ", without an end",
        Tail.KEPT_UNTIL: ", and access is kept until {when}",
        Tail.RESUMES: ", until {when}",
        Tail.SINCE: ", since {when}",
        Tail.VERIFIED: ", as the provider confirmed on {when}",
        Tail.UNASKED: ", and the provider could not be asked in time",
        Tail.NOTHING: "",
    },
    no_source="nothing that was bought or granted opens it",
    withdrawn="product {product} does not open it any more, since {when}",
    right="{source}: {why} [{standing}{fact}]",
    block="block {block}, since {when}: {reason}",
    seen="seen: {seen}",
    bound="bound to {person}",
    nobody_bound="nobody is bound",
    fault_unknown="the channel can not be used",
)

FRENCH: Final = Words(
    situations={
        Situation.INSIDE: "Le membre est dans {channel} : {why}.",
        Situation.INSIDE_IN_GRACE: "Le membre est encore dans {channel} : {why}.",
        Situation.PROTECTED: "Le membre est dans {channel} comme propriétaire, administrateur ou"
        " personne protégée, et il y a droit : {why}.",
        Situation.WAITS_FOR_CLAIM: "Le membre a droit à {channel}, mais son identité n'y est pas"
        " connue : il entrera dès qu'il ouvrira son lien d'accès ({why}).",
        Situation.INVITED: "Le membre est invité dans {channel} jusqu'au {invited_until} et n'est"
        " pas encore entré ({why}).",
        Situation.INVITE_EXPIRED: "Le membre n'a pas utilisé son invitation dans {channel}, échue le"
        " {invited_until} : une autre est en route ({why}).",
        Situation.LEFT: "Le membre a quitté {channel} de lui-même ; il y a droit et rentre dès"
        " qu'il le demande ({why}).",
        Situation.REMOVED_BY_ADMIN: "Un administrateur a retiré le membre de {channel} alors qu'il y"
        " a droit ({why}) : quelqu'un doit trancher.",
        Situation.OTHER_PERSON_INSIDE: "Le membre a droit à {channel} ({why}), mais une autre"
        " personne y est entrée à sa place et en sort d'abord.",
        Situation.BEING_LET_IN: "Le membre est en train d'entrer dans {channel} : {why}.",
        Situation.CANNOT_BE_LET_IN: "Le membre a droit à {channel} ({why}), mais personne ne peut y"
        " entrer pour l'instant : {fault}.",
        Situation.NO_RIGHT: "Le membre n'a pas accès à {channel} : {why}.",
        Situation.BEING_TAKEN_OUT: "Le membre est en train d'être retiré de {channel} : {why}.",
        Situation.CANNOT_BE_TAKEN_OUT: "Le membre n'a plus droit à {channel} ({why}), mais personne"
        " ne peut en être retiré pour l'instant : {fault}.",
        Situation.HELD_BY_BRAKE: "Le membre n'a plus droit à {channel} ({why}) ; de nombreux retraits"
        " à la fois ont été arrêtés, et celui-ci attend une confirmation.",
        Situation.HELD_BY_SWITCH: "Le membre n'a plus droit à {channel} ({why}), mais les retraits"
        " sont suspendus.",
        Situation.HELD_BY_SHADOW: "Le membre n'a plus droit à {channel} ({why}) ; en mode"
        " d'observation, on se contente de le noter.",
        Situation.PROTECTED_WITHOUT_RIGHT: "Le membre n'a plus droit à {channel} ({why}), mais il est"
        " propriétaire, administrateur ou protégé : on n'y touche pas.",
        Situation.INSIDE_WITHOUT_EVIDENCE: "Une personne sans droit est peut-être dans {channel}"
        " ({why}) ; rien ne prouve qu'un droit a pris fin, quelqu'un doit regarder.",
    },
    reasons={
        Reason.BLOCKED: "un blocage a été posé",
        Reason.GRANTED: "l'accès a été accordé par une personne",
        Reason.GRANT_OVER: "l'accès accordé a pris fin",
        Reason.TRIAL: "l'essai gratuit est en cours",
        Reason.PAID: "la période en cours est payée",
        Reason.RENEWAL_IN_PROGRESS: "le renouvellement est en cours",
        Reason.PAYMENT_PENDING: "le paiement du renouvellement est en route",
        Reason.PAYMENT_FAILED: "le paiement du renouvellement a échoué",
        Reason.UNVERIFIED: "le renouvellement n'est pas payé et le prestataire n'a pas encore"
        " répondu",
        Reason.NOT_PAID: "le renouvellement n'a pas été payé",
        Reason.PAUSED: "l'abonnement est en pause",
        Reason.COLLECTION_PAUSED: "l'encaissement est en pause",
        Reason.DISPUTED: "le paiement est contesté",
        Reason.DISPUTE_LOST: "le paiement a été repris après contestation",
        Reason.REFUNDED: "le paiement a été remboursé",
        Reason.CANCEL_REQUESTED: "l'abonnement a été résilié à la demande du membre",
        Reason.CANCELED_BY_MERCHANT: "le vendeur a mis fin à l'abonnement",
        Reason.ACCESS_DAYS_OVER: "les jours payés sont écoulés",
        Reason.NEVER_PAID: "rien n'a encore été payé",
        Reason.FIRST_PAYMENT_FAILED: "le premier paiement a échoué",
        Reason.FIRST_PAYMENT_PENDING: "le premier paiement est en route",
    },
    tails={
        Tail.UNTIL: ", jusqu'au {when}",
        Tail.FOR_LIFE: ", sans limite de durée",
        Tail.KEPT_UNTIL: ", et l'accès est gardé jusqu'au {when}",
        Tail.RESUMES: ", jusqu'au {when}",
        Tail.SINCE: ", depuis le {when}",
        Tail.VERIFIED: ", confirmé par le prestataire le {when}",
        Tail.UNASKED: ", et le prestataire n'a pas répondu à temps",
        Tail.NOTHING: "",
    },
    no_source="rien de ce qui a été acheté ou accordé n'y donne droit",
    withdrawn="le produit {product} ne l'ouvre plus, depuis le {when}",
    right="{source} : {why} [{standing}{fact}]",
    block="blocage {block}, depuis le {when} : {reason}",
    seen="constaté : {seen}",
    bound="lié à {person}",
    nobody_bound="aucune personne liée",
    fault_unknown="le canal est inutilisable",
)

LANGUAGES: Final[Mapping[str, Words]] = {"en": ENGLISH, "fr": FRENCH}


def words(locale: str) -> Words:
    """The language of a locale such as `fr-CA`; English where there is none."""
    return LANGUAGES.get(locale[:2].lower(), ENGLISH)
