"""French and English for the pages; `?lang=` wins over the browser's wish."""

from typing import Any, Final

from litestar import Request
from litestar.response import Template

LANGUAGES = ("en", "fr")

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Sandbox", "Bac à sable"),
    "nothing_real": (
        "A small world on this machine. No money moves, nobody is written to.",
        "Un petit monde sur cette machine. Aucun argent ne circule, personne ne reçoit de message.",
    ),
    "start": ("Start", "Accueil"),
    "faults": ("Faults", "Pannes"),
    "time": ("Time machine", "Machine à voyager dans le temps"),
    "it_is": ("Here it is", "Ici, nous sommes le"),
    "hour": ("Advance 1 hour", "Avancer d'une heure"),
    "day": ("Advance 1 day", "Avancer d'un jour"),
    "week": ("Advance 7 days", "Avancer de 7 jours"),
    "month": ("Advance 1 month", "Avancer d'un mois"),
    "ahead": ("What comes next", "À venir"),
    "nothing": ("Nothing yet.", "Rien pour l'instant."),
    "ledger": ("Last calls and deliveries", "Derniers appels et envois"),
    "sessions": ("Checkout sessions", "Sessions de paiement"),
    "chats": ("Chats", "Discussions"),
    "members": ("Members", "Membres"),
    "bots": ("Bots", "Bots"),
    "when": ("When", "Quand"),
    "what": ("What", "Quoi"),
    "status": ("Status", "État"),
    "checkout": ("Payment", "Paiement"),
    "seller": ("Seller", "Vendeur"),
    "total": ("Due today", "À payer ce jour"),
    "email": ("E-mail address", "Adresse e-mail"),
    "pay": ("Pay", "Payer"),
    "decline": ("Card is declined", "La carte est refusée"),
    "delayed": ("Pay by bank debit (settles in 5 days)", "Prélèvement (5 jours)"),
    "delayed_fail": (
        "Pay by bank debit (fails in 5 days)",
        "Prélèvement (échoue dans 5 jours)",
    ),
    "no_card": ("Start the trial without a card", "Commencer l'essai sans carte"),
    "declined": (
        "The card was declined. Nothing was paid; you can try again.",
        "La carte a été refusée. Rien n'a été payé ; vous pouvez réessayer.",
    ),
    "closed": ("This payment page is closed.", "Cette page de paiement est close."),
    "complete": ("It has been completed.", "Le paiement est terminé."),
    "expired": ("It has expired.", "Elle a expiré."),
    "back": ("Back", "Retour"),
    "one_day": ("per day", "par jour"),
    "one_week": ("per week", "par semaine"),
    "one_month": ("per month", "par mois"),
    "one_year": ("per year", "par an"),
    "each_day": ("every {n} days", "tous les {n} jours"),
    "each_week": ("every {n} weeks", "toutes les {n} semaines"),
    "each_month": ("every {n} months", "tous les {n} mois"),
    "each_year": ("every {n} years", "tous les {n} ans"),
    "portal": ("Your subscriptions", "Vos abonnements"),
    "stop": ("Cancel at the end of the period", "Résilier à la fin de la période"),
    "keep": ("Keep the subscription", "Garder l'abonnement"),
    "card_good": ("Use a card that works", "Utiliser une carte valable"),
    "card_bad": ("Use a card that will be declined", "Utiliser une carte refusée"),
    "until": ("Paid until", "Payé jusqu'au"),
    "ends": ("Ends on", "Prend fin le"),
    "onboarding": ("Open a selling account", "Ouvrir un compte vendeur"),
    "finish": ("Finish: the account may sell", "Terminer : le compte peut vendre"),
    "later": ("Leave without finishing", "Partir sans terminer"),
    "seed": ("Seed", "Graine"),
    "kind": ("Kind", "Genre"),
    "vendor": ("Vendor", "Fournisseur"),
    "path": ("Path or event, with *", "Chemin ou événement, avec *"),
    "times": ("How many times (empty: always)", "Combien de fois (vide : toujours)"),
    "probability": ("Probability, 0 to 1", "Probabilité, de 0 à 1"),
    "add": ("Switch on", "Activer"),
    "clear": ("Switch all off", "Tout désactiver"),
    "other_language": ("Français", "English"),
}


def page(request: Request[Any, Any, Any], template: str, **context: Any) -> Template:  # noqa: ANN401
    """A template with the words of the reader's language as `w`."""
    language = language_of(request)
    words = {name: both[LANGUAGES.index(language)] for name, both in WORDS.items()}
    return Template(template, context={"w": words, "language": language, **context})


def language_of(request: Request[Any, Any, Any]) -> str:
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return str(asked)
    wish = request.headers.get("accept-language", "").lower()
    return "fr" if wish.startswith("fr") else "en"


WHOLE = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf xtr".split())
THOUSANDTHS = frozenset("bhd jod kwd omr tnd".split())


def money(amount: int, currency: str) -> str:
    """`500 JPY`, `5.00 EUR`: minor units as a person writes them."""
    digits = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    return f"{amount / 10**digits:.{digits}f} {currency.upper()}"
