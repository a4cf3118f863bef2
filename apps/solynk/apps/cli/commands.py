"""The command line: what can be asked, and which function answers."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final, Protocol, TypeAlias

from solynk.apps.addresses import LAST_PORT
from solynk.apps.cli import auditing, codes, inquiry, maintaining, processes, redecoding
from solynk.apps.cli.terminal import complain
from solynk.apps.settings import SettingsError
from solynk.ports.errors import Conflict, NotFound, PortError, Unavailable

Answer: TypeAlias = Callable[[argparse.Namespace], Awaitable[int]]

EPILOG: Final = """\
exit codes: 0 done, 1 something is not in order, 2 wrong arguments or settings or an
extra that is not installed, 3 something that is needed does not answer, 130 interrupted.
Settings come from the environment and from a .env file; with none set,
everything runs embedded.
"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the process's exit code."""
    chosen = parser().parse_args(arguments)
    answer: Answer = chosen.answer
    try:
        with asyncio.Runner(loop_factory=_loops()) as runner:
            return runner.run(_run(answer, chosen))
    except KeyboardInterrupt:
        return codes.INTERRUPTED


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed, since it halves what a request costs; else asyncio's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 -- an extra, and none for Windows

    return uvloop.new_event_loop


async def _run(answer: Answer, chosen: argparse.Namespace) -> int:
    try:
        return await answer(chosen)
    except SettingsError as fault:
        complain(str(fault))
        return codes.BAD_INPUT
    except Unavailable as fault:
        complain(str(fault))
        return codes.UNAVAILABLE
    except (NotFound, Conflict) as fault:
        complain(fault.reason)
        return codes.BAD_INPUT
    except PortError as fault:
        complain(str(fault))
        return codes.FOUND_FAULTS


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="solynk",
        description="Paid communities: a payment opens the chat, a lapse closes it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"solynk {version('solynk')}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_processes(commands)
    _add_inquiries(commands)
    return whole


class _Commands(Protocol):
    """What `add_subparsers` answers; argparse gives its class no public name."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser: ...  # noqa: A002 -- its own word


def _add(commands: _Commands, name: str, words: str, answer: Answer) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    command.set_defaults(answer=answer)
    return command


def _add_processes(commands: _Commands) -> None:
    _add(commands, "serve", "run everything in one process: API, worker, schedule", processes.serve)
    _add(commands, "api", "run the HTTP API alone", processes.api)
    _add(commands, "worker", "run a worker; any number of them share the load", processes.worker)
    _add(
        commands, "scheduler", "send the ticks of the schedule; one is enough", processes.scheduler
    )
    _add(commands, "migrate", "bring the database to this version's tables", processes.migrate)
    sandbox = _add(
        commands, "sandbox", "run a small world with its own Stripe and Telegram", processes.sandbox
    )
    sandbox.add_argument("--port", type=_port, default=8200, help="on 127.0.0.1 (%(default)s)")
    demo = _add(
        commands,
        "demo",
        "play months of a paid community in the sandbox, and check them",
        processes.demo,
    )
    demo.add_argument("--keep", action="store_true", help="leave it running, to look at")
    demo.add_argument("--seed", type=int, default=1, help="for the mayhem (%(default)s)")


def _add_inquiries(commands: _Commands) -> None:
    _add(
        commands,
        "doctor",
        "check settings, database, accounts and channels; it only looks, and changes nothing",
        inquiry.doctor,
    )
    explain = _add(
        commands, "explain", "say why a customer has, or has not, access", inquiry.explain
    )
    explain.add_argument("organization", help="its id")
    explain.add_argument("customer", help="their id")
    explain.add_argument(
        "--locale", choices=("en", "fr"), default="en", help="of the sentence (%(default)s)"
    )
    _add(
        commands,
        "reconcile",
        "ask providers and platforms now for what never came",
        inquiry.reconcile,
    )
    verify = _add(
        commands,
        "verify-audit",
        "check that nothing in the audit log was changed, removed or slipped in",
        auditing.verify_audit,
    )
    auditing.add_arguments(verify)
    maintain = _add(
        commands,
        "maintain",
        "say what is too old to be kept; with --apply, let it go",
        maintaining.maintain,
    )
    maintaining.add_arguments(maintain)
    redecode = _add(
        commands,
        "redecode",
        "check that this version reads the stored events as before; changes nothing",
        redecoding.redecode,
    )
    redecoding.add_arguments(redecode)
    replay = _add(commands, "replay", "try a dead letter again", inquiry.replay)
    replay.add_argument("kind", choices=("event", "command"))
    replay.add_argument("id", help="as the list of dead letters shows it")
    replay.add_argument("--organization", help="its id; none for what no organization owns")
    replay.add_argument("--reason", required=True, type=_words, help="for the audit log")
    replay.add_argument("--actor", default="cli", help="who asks, for the audit log (%(default)s)")


def _port(given: str) -> int:
    if not (given.isascii() and given.isdigit() and int(given) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{given!r}: use a whole number from 0 to {LAST_PORT}")
    return int(given)


def _words(given: str) -> str:
    if not given.strip():
        raise argparse.ArgumentTypeError("say why: whoever reads the audit log needs it")
    return given
