"""The command ``recorder-backend user``: makes, lists, disables and enables accounts."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backend.errors import BackendError, InvalidField
from backend.settings import ServiceSettings, load

if TYPE_CHECKING:
    from backend.account_service import AccountService

_FAILED, _USAGE = 1, 2


def add_user_commands(commands: Any) -> None:
    """Add ``user`` and what it does to the parser's commands."""
    user = commands.add_parser("user", help="accounts of those who sign in with a password")
    actions = user.add_subparsers(required=True, metavar="ACTION")
    _named(actions, "add", "make an account; asks for its password, or reads it from a pipe", _add)
    listing = actions.add_parser("list", help="list the accounts: name, state and since when, tabs in between")
    listing.set_defaults(run=lambda _: _run(_list))
    _named(actions, "disable", "refuse an account, within seconds and on every server", _disable)
    _named(actions, "enable", "let a disabled account sign in again", _enable)
    _named(actions, "password", "give an account another password, which ends its sign-ins", _password)


def _named(actions: Any, name: str, text: str, act: Callable[[AccountService, str], None]) -> None:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("name", metavar="NAME")

    def run(options: argparse.Namespace) -> int:
        return _run(lambda accounts: act(accounts, options.name))

    parser.set_defaults(run=run)


def _run(act: Callable[[AccountService], None]) -> int:
    """Return the exit code: 0, 1 when it could not be done, 2 for a name or password that cannot be."""
    # Imported here: the other commands need none of it, and every start of the app runs one of them.
    from backend.account_service import AccountService
    from backend.databases import build_records
    from backend.passwords import Passwords

    records = build_records(load(ServiceSettings))
    try:
        act(AccountService(records.accounts, Passwords()))
    except BackendError as exc:
        print(f"recorder-backend: {exc.message}", file=sys.stderr)
        return _USAGE if isinstance(exc, InvalidField) else _FAILED
    finally:
        records.catalogue.close()
    return 0


def _add(accounts: AccountService, name: str) -> None:
    accounts.add(name, _read_password(name))
    print(f"{name} can sign in now")


def _list(accounts: AccountService) -> None:
    for account in accounts.list():
        state = "disabled" if account.is_disabled else "enabled"
        print(f"{account.user}\t{state}\t{account.created_at.date().isoformat()}")


def _disable(accounts: AccountService, name: str) -> None:
    accounts.set_disabled(name, True)
    print(f"{name} is disabled")


def _enable(accounts: AccountService, name: str) -> None:
    accounts.set_disabled(name, False)
    print(f"{name} can sign in again")


def _password(accounts: AccountService, name: str) -> None:
    accounts.set_password(name, _read_password(name))
    print(f"{name} has another password")


def _read_password(name: str) -> str:
    """Ask twice without an echo, or read one line of a pipe. Never an argument: the system lists those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("The same again: ") != password:
        raise InvalidField("password", "the two differ")
    return password
