"""Writes the reference pages of settings, alerts and errors, from the code that they describe.

    python docs/drawn.py

A test fails while a committed page differs from what this writes.
"""  # noqa: INP001 a program, no package

import ast
import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from solynk.apps import settings
from solynk.apps.settings import Settings, SettingsError
from solynk.core.alert import FIX, AlertKind
from solynk.ports import errors
from solynk.ports.errors import PortError

REFERENCE: Final = Path(__file__).resolve().parent / "reference"
WRITTEN_BY: Final = "<!-- Written by docs/drawn.py: change the code, not this. -->"
NO_FILE: Final = Path("there is no such file")
WRONG: Final = "\x00"
"""A value that no check accepts."""

MEANINGS: Final[Mapping[str, str]] = {
    "SOLYNK_DATA_DIR": "where the embedded database lies",
    "DATABASE_URL": "the database; without it, a SQLite file in the data folder",
    "REDIS_URL": "Redis, for hints between processes; without it, workers poll alone",
    "STRIPE_SECRET_KEY": "the key of the platform account; without it, nothing is sold",
    "STRIPE_WEBHOOK_SECRET": "the signing secret of the endpoint; several with commas between them",
    "SOLYNK_STRIPE_API_BASE": "another address of Stripe's API; without it, the sandbox or Stripe",
    "TELEGRAM_BOT_TOKEN": "the bot's token; without it, there is no channel",
    "SOLYNK_TELEGRAM_API_BASE": "another Bot API server; without it, the sandbox or Telegram",
    "SOLYNK_SANDBOX_URL": "the sandbox: business time and both vendors come from there",
    "SOLYNK_API_KEY": "the key of the API; without it, `serve` and `api` make one, in `.solynk/api-key`",
    "HOST": "the address that the API, and the metrics port, listens on",
    "PORT": "the port that the API listens on",
    "METRICS_PORT": "where a worker or a scheduler tells its numbers; without it, nowhere",
    "WEBHOOKS_AT_ONCE": "how many webhooks may wait for the database in one process; what is more is"
    " answered 503, and is sent again",
    "PUBLIC_URL": "how browsers and vendors reach this installation",
    "GRACE_PERIOD_DAYS": "the grace period of new organizations; each may set its own",
    "AUDIT_SIGNING_KEY": "the key that signs checkpoints of the audit log; without it, one is made."
    " Several with commas between them: the first one signs, the others are believed",
    "AUDIT_CHECKPOINT_DIR": "where checkpoints of the audit log are remembered besides the database",
    "AUDIT_LOG_RETENTION_DAYS": "for how many days audit entries are kept",
    "PAYMENT_EVENT_RETENTION_DAYS": "for how many days events are kept: those of payments, and updates of the bot",
    "LOG_LEVEL": "how much is logged",
}


class Variable(Struct, frozen=True):
    """A variable of the environment, and the field of `Settings` that it fills."""

    name: str
    field: str


def pages() -> dict[Path, str]:
    return {
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "alerts.md": alerts_page(),
        REFERENCE / "errors.md": errors_page(),
    }


def settings_page() -> str:
    words = (
        "Settings are variables of the environment, or lines `NAME=value` of a file `.env` in the"
        " folder where the process runs. The environment wins. An empty value counts as none. All"
        " faults are reported at once when a process starts, each with its fix. With none set,"
        " everything runs embedded. A name of `.env`, or one that begins with `SOLYNK_`, that is no setting is told."
    )
    rows = [_setting(it) for it in variables()]
    head = ["variable", "what it is", "default", "what it takes"]
    hidden = "The value of a variable with a \N{KEY} is never shown."
    return _page("Settings", words, _table(head, rows), hidden)


def alerts_page() -> str:
    words = (
        "Something that a person must look at. One is open for each kind and subject. `solynk"
        " doctor` and the API list them. See"
        " [how to handle them](../how-to/handle-alerts-and-dead-letters.md)."
    )
    rows = [[f"`{it.value}`", FIX[it]] for it in AlertKind]
    return _page("Alerts", words, _table(["kind", "what to do"], rows))


def errors_page() -> str:
    words = (
        "What an adapter may raise, named after what the caller does next. All of them are in"
        " `solynk.ports.errors` and carry `vendor` and `reason`."
    )
    return _page("Errors", words, _table(["error", "means"], [_error(it) for it in all_errors()]))


def variables() -> tuple[Variable, ...]:
    """In the order of the fields, read from the source of the function that reads them."""
    (made,) = (it for it in ast.walk(_source_of_settings()) if _is_call_of(it, "Settings"))
    assert isinstance(made, ast.Call)  # noqa: S101 -- `_is_call_of` says so
    read_before = {
        it.targets[0].id: name
        for it in ast.walk(_source_of_settings())
        if isinstance(it, ast.Assign) and isinstance(it.targets[0], ast.Name)
        for name in _names_in(it.value)
    }
    found: list[Variable] = []
    for it in made.keywords:
        names = [*_names_in(it.value), *_read_in(it.value, read_before)]
        found += [Variable(names[0], it.arg or "")] if names else []
    return tuple(found)


def _source_of_settings() -> ast.Module:
    return ast.parse(inspect.getsource(settings))


def _is_call_of(it: ast.AST, name: str) -> bool:
    return isinstance(it, ast.Call) and isinstance(it.func, ast.Name) and it.func.id == name


def _names_in(it: ast.AST) -> list[str]:
    """The variables that are asked for in an expression: `read.text("HOST")` asks for HOST."""
    return [
        call.args[0].value
        for call in ast.walk(it)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"text", "parsed", "secret"}
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def _read_in(it: ast.AST, known: Mapping[str, str]) -> list[str]:
    """The variables of local names that the expression uses on its own."""
    return [known[it.id]] if isinstance(it, ast.Name) and it.id in known else []


def _setting(it: Variable) -> list[str]:
    name = f"`{it.name}`" + (" \N{KEY}" if it.field in settings.SECRETS else "")
    return [name, MEANINGS[it.name], default(it), _takes(it.name)]


def default(it: Variable) -> str:
    value: object = getattr(Settings.from_env({}, NO_FILE), it.field)
    return f"`{value}`" if value not in {None, ()} else "none"


def _takes(name: str) -> str:
    """The fix that is named where the value is wrong."""
    try:
        Settings.from_env({name: WRONG}, NO_FILE)
    except SettingsError as wrong:
        (fault,) = wrong.faults
        return fault.partition(": ")[2].removeprefix("use ")
    return "any text"


def all_errors() -> Iterable[type[PortError]]:
    found = (it for _, it in inspect.getmembers(errors, inspect.isclass))
    kinds = [it for it in found if issubclass(it, PortError) and it is not PortError]
    return sorted(kinds, key=lambda it: inspect.getsourcelines(it)[1])


def _error(it: type[PortError]) -> list[str]:
    return [f"`{it.__name__}`", " ".join((it.__doc__ or "").split())]


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([WRITTEN_BY, f"# {title}", *parts]) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
