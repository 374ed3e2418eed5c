"""Brings the files of `resources/translations` up to date with the texts in the code: `make translations`.

New texts are added as unfinished, for Qt Linguist or an editor; texts that are gone are taken out. Two kinds are
found:

- the window's own: what `tr` and `count_of` are given in recorder_desktop/ui;
- sentences that are made below the window and shown there, most of them messages of errors. They are known by their
  looks: any text but a docstring that begins with a capital, a quotation mark or a {placeholder} and ends as a
  sentence does. Expressions in f-strings become placeholders.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from recorder_desktop.ui import ts_file
from recorder_desktop.ui.sentences import split, words
from recorder_desktop.ui.translation import ENGLISH, LANGUAGES, PROBLEM, WINDOW, translation_file

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "make translations"

_MARKS = {"tr": (0,), "count_of": (1, 2)}
"""The functions that translate, and which of their arguments are texts."""

_SPEAKERS = {"describe"}
"""Functions below the window whose answers are shown there though they are no sentences."""

_SPEAKING_ROOMS = (
    "recorder_desktop/*.py",
    *(f"recorder_desktop/{room}/*.py" for room in ("core", "transfer", "data_path", "client", "system", "store")),
    "recorder_desktop/ui/desktop.py",
    *("backend/*.py", "backend/adapters/*.py", "backend/http/*.py"),
)
_SPEAK_ELSEWHERE = {
    # to whoever types commands
    *("recorder_desktop/__main__.py", "recorder_desktop/cli.py"),
    *("backend/__main__.py", "backend/account_commands.py", "backend/check.py"),
    "backend/adapters/s3_bucket_setup.py",
    # to browsers and their makers
    *("backend/http/live_socket.py", "backend/http/bounded_protocol.py", "backend/live_feed.py"),
    # to the desktop, which has words of its own for a sign-in that is refused
    *("backend/auth_service.py", "backend/sign_in_service.py"),
}

_SENTENCE = re.compile(r"[A-Z“{].* .*[.!]", re.DOTALL)


class UnreadableText(Exception):
    """A text that is handed to `tr` in a form that cannot be found without running the code."""


def main() -> int:
    """Write the files. Returns 1 while something is left to translate."""
    left = 0
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        path = translation_file(language)
        wanted = updated(ts_file.read(path) if path.exists() else {})
        path.write_bytes(ts_file.write(language, wanted))
        open_texts = [text for texts in wanted.values() for text, found in texts.items() if not found.is_finished]
        left += len(open_texts)
        print(f"{path.relative_to(ROOT)}: {len(open_texts)} to translate", *open_texts, sep="\n  ")
    return 1 if left else 0


def updated(known: ts_file.Catalogue) -> dict[str, dict[str, ts_file.Translation]]:
    """What a file must hold: every text in the code, with the translation that is known for it."""

    def looked_up(context: str, sources: set[str]) -> dict[str, ts_file.Translation]:
        texts = known.get(context, {})
        return {source: texts.get(source) or ts_file.unfinished(source) for source in sources}

    return {WINDOW: looked_up(WINDOW, window_texts()), PROBLEM: looked_up(PROBLEM, problem_sentences())}


# --- the window's own texts --------------------------------------------------------------------------------------


def window_texts(room: Path = ROOT / "recorder_desktop" / "ui") -> set[str]:
    """Every text that the window has translated. Raises UnreadableText for one that is made at run time."""
    found: set[str] = set()
    for path in sorted(room.rglob("*.py")):
        for call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            found |= set(_texts_of(call, path))
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of the translating functions, but for those inside of them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and node.name in _MARKS:
            continue
        if isinstance(node, ast.Call) and _name_of(node.func) in _MARKS:
            yield node
        yield from _calls(node)


def _texts_of(call: ast.Call, path: Path) -> Iterator[str]:
    for position in _MARKS[_name_of(call.func)]:
        given = call.args[position] if position < len(call.args) else None
        if not (isinstance(given, ast.Constant) and isinstance(given.value, str)):
            raise UnreadableText(
                f"{path}:{call.lineno}: {_name_of(call.func)}() needs its text as a literal, in order"
            )
        if given.value:
            yield given.value


# --- sentences from below the window -----------------------------------------------------------------------------


def problem_sentences() -> set[str]:
    """The templates of all sentences that may reach the window."""
    found: set[str] = set()
    for pattern in _SPEAKING_ROOMS:
        for path in sorted(ROOT.glob(pattern)):
            if path.relative_to(ROOT).as_posix() not in _SPEAK_ELSEWHERE:
                found |= set(_sentences_of(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _sentences_of(module: ast.Module) -> Iterator[str]:
    constants = _constants(module)
    for text in _spoken(module):
        template = _without_others(_template(text, constants))
        if _SENTENCE.fullmatch(template):
            yield template
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name in _SPEAKERS:
            yield from (_template(answer, constants) for answer in _answers(node))


def _spoken(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Texts in the code: no docstrings, and an f-string as a whole."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield child
        elif not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from _spoken(child)


def _answers(function: ast.FunctionDef) -> Iterator[ast.Constant | ast.JoinedStr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            yield node.value


def _constants(module: ast.Module) -> dict[str, str]:
    """Texts and numbers that the module names once: they stand in sentences as they are."""
    return {
        target.id: str(node.value.value)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _template(text: ast.Constant | ast.JoinedStr, constants: Mapping[str, str]) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    names: dict[str, str] = {}  # by expression
    parts: list[str] = []
    for value in text.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(value, ast.FormattedValue):
            parts.append(constants.get(_name_of(value.value)) or f"{{{_placeholder(value.value, names)}}}")
    return "".join(parts)


def _placeholder(expression: ast.expr, names: dict[str, str]) -> str:
    """A name for what stands there, the same for the same expression."""
    code = ast.unparse(expression)
    if code not in names:
        name = _name_of(expression).strip("_").lower() or "value"
        taken = sum(other.rstrip("0123456789") == name for other in names.values())
        names[code] = f"{name}{taken + 1}" if taken else name
    return names[code]


def _name_of(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _name_of(inner)
    return ""


def _without_others(template: str) -> str:
    """A template without sentences that are nothing but a placeholder: those are found where they are made."""
    own = " ".join(part for part in split(template) if re.search(r"\w", _readable(part)))
    return re.sub(r"^\{\w+\} (?=[A-Z])", "", own)


def _readable(part: str) -> str:
    try:
        return words(part)
    except ValueError:  # braces that are no placeholders
        return part


if __name__ == "__main__":
    sys.exit(main())
