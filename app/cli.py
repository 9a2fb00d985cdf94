"""``handraise``, ``handraise serve``, ``handraise admin …``: the command line."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app import logs, stages
from app.helpers import SWITCH, run_helper

CAPACITY = {
    "connections": "connections at once (default: 10,000)",
    "per_address": "connections from one other address (default: 5,000)",
    "per_person": "machines on which one person is in a space (default: 10)",
    "per_space": "people in one space (default: 5,000)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code (0 done, 1 failed, 2 not understood)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [SWITCH]:
        return run_helper("".join(given[1:2]))
    if given[:1] == ["admin"]:
        return _admin(given[1:])
    link = next((part for part in given if part[:10].lower() == "handraise:"), "")
    given = [part for part in given if part != link]
    parser = argparse.ArgumentParser(prog="handraise", description="Raise a hand in a virtual office.")
    _window_arguments(parser)
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_raise(commands)
    _add_serve(commands)
    _add_demo(commands)
    _add_diagnostics(commands)
    commands.add_parser("admin", help="people, groups, spaces and maps of a server on this machine")
    options = parser.parse_args(given, argparse.Namespace(link=link))
    run = getattr(options, "run", _window)
    code: int = run(options)
    return code


# Each command imports what it runs when it runs: the window needs no server, the server no window.

Commands = argparse._SubParsersAction  # what add_subparsers() returns has no public name


def _window_arguments(parser: argparse.ArgumentParser) -> None:
    """Without a command the window opens; these say how."""
    parser.add_argument("--server", default="", metavar="ADDRESS", help="the server to sign in to")
    parser.add_argument("--handle", default="", help="who signs in")
    parser.add_argument(
        "--password-fd", type=int, metavar="N", help="read the password from this file descriptor"
    )
    _profile_argument(parser)
    parser.add_argument("--lang", default="", help="language of the window, such as en or ja")
    parser.add_argument("--theme", default="", choices=("", "system", "light", "dark", "high_contrast"))
    _log_argument(parser, "warning")
    parser.add_argument("--stages", type=Path, metavar="FILE", help=argparse.SUPPRESS)


def _log_argument(parser: argparse.ArgumentParser, usual: str) -> None:
    parser.add_argument(
        "--log-level", choices=logs.LEVELS, default=usual, help=f"how much is logged (default: {usual})"
    )


def _profile_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", default="default", metavar="NAME", help="settings of their own, a program of its own"
    )


def _window(options: argparse.Namespace) -> int:
    from app.ui.imports import import_qt_lightly

    import_qt_lightly()
    from app.stages import write_to
    from app.ui.main import Options, run

    logs.to_stream(options.log_level)
    if options.stages is not None:
        write_to(options.stages)
    return run(
        Options(
            server=options.server,
            handle=options.handle,
            password_fd=options.password_fd,
            profile=options.profile,
            language=options.lang,
            theme=options.theme,
            link=options.link,
            log_level=options.log_level,
        )
    )


def _add_raise(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "raise",
        help="raise your hand",
        description="Raise your hand through the program that is running and signed in. It opens the "
        "filled-in dialog, unless its settings let other programs raise your hand at once.",
        epilog="Exit code: 0 the hand is raised, 3 the dialog waits for Execute, 1 it could not be done.",
    )
    words = parser.add_mutually_exclusive_group()
    words.add_argument("text", nargs="?", default="", help="the message, up to 50 characters")
    words.add_argument("--message", default="", metavar="TEXT", help="the same")
    parser.add_argument("--red", action="store_true", help="call the recipients, with an alert")
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="@HANDLE",
        help="a person or group that is called (red only; again for more)",
    )
    _profile_argument(parser)
    parser.set_defaults(run=_raise)


def _raise(options: argparse.Namespace) -> int:
    from app.ui.main import raise_hand

    if options.to and not options.red:
        print("A yellow hand calls nobody: --to needs --red.", file=sys.stderr)
        return 2
    code, sentence = raise_hand(
        options.text or options.message, options.profile, red=options.red, to=options.to
    )
    print(sentence, file=sys.stderr if code == 1 else sys.stdout)
    return code


def _add_diagnostics(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "diagnostics",
        help="save versions, settings and logs for whoever helps",
        description="Save a zip with versions, settings, recent states and logs. It contains no password, "
        "token, phone number or message.",
    )
    parser.add_argument("file", nargs="?", type=Path, help="where to (default: a name with the time, here)")
    parser.add_argument(
        "--logs", type=Path, metavar="FOLDER", help="where the logs are (a server's: DATA/logs)"
    )
    parser.set_defaults(run=_diagnostics)


def _diagnostics(options: argparse.Namespace) -> int:
    from app.ui.diagnostics import file_name, save_here

    code, sentence = save_here(options.file or Path(file_name(time.time())), options.logs)
    print(sentence, file=sys.stderr if code else sys.stdout)
    return code


def _add_serve(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "serve", help="run a server", description="Run a server until it is stopped."
    )
    _data_argument(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any that is free (default: 7443)")
    parser.add_argument(
        "--http-port",
        type=int,
        metavar="PORT",
        help="listen there for other programs: phone gateways, integrations, metrics (default: nowhere)",
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, PEM")
    parser.add_argument(
        "--oidc", type=Path, metavar="FILE", help="let people sign in through a provider (TOML; see README)"
    )
    parser.add_argument(
        "--phones", type=Path, metavar="FILE", help="text and call people, through Twilio (TOML; see README)"
    )
    _bus_arguments(parser)
    parser.add_argument(
        "--grace",
        type=float,
        metavar="SECONDS",
        help="how long a lost connection holds a hand (default: 120)",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="accept connections from other machines without TLS"
    )
    parser.add_argument(
        "--heartbeat",
        type=Path,
        metavar="FILE",
        help="tell an outside monitor once a minute that alerts are looked after; its address is in the file",
    )
    parser.add_argument(
        "--webhooks-inside",
        action="store_true",
        help="let webhooks and services go to addresses of this machine and its own network; there "
        "webhooks may go without TLS",
    )
    for name, words in CAPACITY.items():
        parser.add_argument(f"--max-{name.replace('_', '-')}", dest=name, type=int, metavar="N", help=words)
    parser.add_argument("--owned", action="store_true", help=argparse.SUPPRESS)  # ends with standard input
    _log_argument(parser, "info")
    parser.add_argument(
        "--stages",
        type=Path,
        metavar="FILE",
        help="write when each escalation passed each stage (for measuring)",
    )
    parser.set_defaults(run=_serve)


def _bus_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bus",
        metavar="ADDRESS",
        help="talk to other servers on the same store over Redis, rediss://host:port/0 (default: through the "
        "store alone); its password is taken from HANDRAISE_BUS_PASSWORD",
    )
    parser.add_argument("--bus-password", type=Path, metavar="FILE", help="take it from this file instead")


def _serve(options: argparse.Namespace) -> int:
    from app.core.limits import GRACE
    from app.server.bus.address import load_bus
    from app.server.capacity import Capacity
    from app.server.config import PORT, Config, default_data
    from app.server.heartbeat import load_monitor
    from app.server.main import run
    from app.server.oidc_config import load_oidc
    from app.server.phones_config import load_phones
    from app.server.settings_file import ConfigError
    from app.server.store.base import StoreError

    logs.to_stream(options.log_level)
    folder = options.data / "logs" if options.data else logs.default_folder()
    logs.to_file(folder, "server", options.log_level)
    if options.stages is not None:
        stages.write_to(options.stages)
    try:
        config = Config(
            data=options.data or default_data(),
            host=options.host,
            port=PORT if options.port is None else options.port,
            http_port=options.http_port,
            tls_cert=options.tls_cert,
            tls_key=options.tls_key,
            grace=GRACE if options.grace is None else options.grace,
            insecure=options.insecure,
            inside=options.webhooks_inside,
            heartbeat=load_monitor(options.heartbeat) if options.heartbeat is not None else None,
            oidc=load_oidc(options.oidc) if options.oidc is not None else None,
            phones=load_phones(options.phones) if options.phones is not None else None,
            bus=load_bus(options.bus, options.bus_password, os.environ) if options.bus is not None else None,
            capacity=Capacity(**{name: n for name in CAPACITY if (n := getattr(options, name)) is not None}),
        )
        asyncio.run(run(config, lambda line: print(line, flush=True), owned=options.owned))
    except (ConfigError, StoreError, OSError) as error:
        print(f"handraise serve: {error}", file=sys.stderr)
        return 1
    return 0


def _add_demo(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="open a sample contact center",
        description="Make a sample contact center on a fresh server, and open an agent's and a supervisor's "
        "window. Nothing stays behind.",
    )
    parser.add_argument("--seed", type=int, default=1, help="another number, another day (default: 1)")
    parser.add_argument("--calm", action="store_true", help="the colleagues do nothing by themselves")
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    from app.demo.run import run

    return run(options.seed, options.calm, lambda line: print(line, flush=True))


def _admin(arguments: Sequence[str]) -> int:
    """Parsed apart: its many verbs are built only where they are wanted."""
    from app.server.admin_cli import add_arguments, run
    from app.server.config import default_data

    parser = argparse.ArgumentParser(prog="handraise admin")
    _data_argument(parser)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return run(options, options.data or default_data(), lambda line: print(line, flush=True))


def _data_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="where the server keeps its database (default: the platform's)",
    )
