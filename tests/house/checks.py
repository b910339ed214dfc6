"""What a file of this house may not hold. Each check is a function from files to faults, so that it can be seen red."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache

Files = Mapping[str, str]  # path from the root of the checkout -> content
Check = Callable[[Files], list[str]]

LONGEST = 350  # lines
_SQL = {"select", "insert", "update", "delete"}
_RUNS_SQL = {"execute", "executemany", "executescript", "exec_driver_sql"}
_SQL_ROOMS = ("service/*/*store.py", "service/database/*", "service/models/*", "service/outbox.py", "service/people/*")
_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
_STOPWATCHES = {"time.monotonic", "time.perf_counter", "time.process_time", "time.thread_time"}
_SINKS = re.compile(
    r"\b(?:(?:inner|outer)HTML|insertAdjacentHTML|DOMParser|document\.write(?:ln)?|eval(?=\s*\()|new\s+Function)\b"
)
_JS_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|/\*.*?\*/|//[^\n]*""", re.DOTALL
)
#: the one place that shows a comment's HTML, which was made safe when it was written
_SAFE = ("service/web/templates/_comment.html", "{{ comment.html|safe }}")
#: what may be given a comment's HTML: what measures it, reads words and links off it, or stores it as it is
_TAKES_HTML = {"len", "to_text", "linked", "facts_of", "Written", "set_text", "bool", "found_in"}
# homes of developers, and where their packages came from
_WORKPLACE = re.compile(
    r"(?<!file://)/home/\w+/|/Users/\w+/|/root\b/|[A-Z]:\\Users\\|\b(?:registry|artifactory|nexus)\.[\w.-]+\.\w+"
    r"|\bfiles\.pythonhosted\b|\bpypi\.\w+/simple"
)


def _calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    # (line, dotted name) of every call whose callee has one: `a.b.c(...)` is a.b.c, `f().c(...)` is .c
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, _dotted(node.func)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    # (line, module.name) of everything that is imported
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _service(files: Files, *but: str) -> Iterator[tuple[str, ast.Module]]:
    for path, content in files.items():
        if fnmatch(path, "service/*.py") and not any(fnmatch(path, pattern) for pattern in but):
            yield path, _parsed(content)


@cache
def _parsed(content: str) -> ast.Module:
    return ast.parse(content)


def too_long(files: Files) -> list[str]:
    """Find files that are too long to be one thing."""
    ours = ("service/*.py", "widget/src/*.js", "tests/*.py")
    lengths = {path: content.count("\n") for path, content in files.items() if any(fnmatch(path, o) for o in ours)}
    return [f"{path} has {length} lines" for path, length in lengths.items() if length > LONGEST]


def transactions(files: Files) -> list[str]:
    """Find transactions that are begun or ended anywhere but in the database room."""
    faults = []
    for path, tree in _service(files, "service/database/*"):
        faults += [f"{path}:{line} {name}" for line, name in _calls(tree) if re.search(r"\.(commit|begin\w*)$", name)]
        words = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        faults += [f"{path}:{word.lineno} BEGIN" for word in words if re.match(r"\s*BEGIN\b", str(word.value))]
    return faults


def sql(files: Files) -> list[str]:
    """Find SQL outside of the rooms' stores."""
    faults = []
    for path, tree in _service(files, *_SQL_ROOMS):
        faults += [f"{path}:{line} {name}" for line, name in _calls(tree) if name.rpartition(".")[2] in _RUNS_SQL]
        made = {f"sqlalchemy.{name}" for name in _SQL}
        found = [*_imports(tree), *_calls(tree)]
        faults += [f"{path}:{line} {name}" for line, name in found if name in made | {f"db.{n}" for n in _SQL}]
    return faults


def markup(files: Files) -> list[str]:
    """Find places that take text for HTML. `Markup(text).striptags()` is the opposite, and no fault."""
    unescaped = re.compile(r"\|\s*safe\b|autoescape\s+false")
    pages = [
        (path, content.replace(_SAFE[1], "", 1) if path == _SAFE[0] else content)
        for path, content in files.items()
        if path.endswith(".html")
    ]
    faults = [f"{path} {match[0]}" for path, content in pages for match in unescaped.finditer(content)]
    for path, tree in _service(files):
        attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        stripped = {id(node.value) for node in attributes if node.attr == "striptags"}
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in stripped]
        faults += [f"{path}:{call.lineno} Markup" for call in calls if _dotted(call.func).endswith("Markup")]
        names = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
        faults += [f"{path}:{name.lineno} {name.asname}" for name in names if name.name == "Markup" and name.asname]
    return faults


def touched(files: Files) -> list[str]:
    """Find places where a comment's HTML is changed after it was sanitised: cut, joined, put into text.

    It is known by its name. That what is served is what was rendered is shown by tests/faults/test_text.py.
    """
    faults = []
    for path, tree in _service(files):
        raised = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)}
        for node in [node for node in ast.walk(tree) if id(node) not in raised]:  # what is said of a fault is no page
            used: list[ast.AST] = []
            if isinstance(node, ast.Call):
                named = _dotted(node.func).rpartition(".")[2]
                used += [] if named in _TAKES_HTML else node.args
                used += [each.value for each in node.keywords if each.arg != "html" and named not in _TAKES_HTML]
                used += [node.func.value] if isinstance(node.func, ast.Attribute) else []
            elif isinstance(node, ast.BinOp):
                used += [node.left, node.right]
            elif isinstance(node, ast.AugAssign | ast.FormattedValue | ast.Subscript):
                used += [node.target, node.value] if isinstance(node, ast.AugAssign) else [node.value]
            faults += [f"{path}:{each.lineno} {ast.unparse(each)}" for each in used if _is_html(each)]
    return faults


def _is_html(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _dotted(node.func).rpartition(".")[2] == "sanitize"
    return isinstance(node, ast.Attribute) and node.attr == "html" and _dotted(node.value) != "Comment"


def sinks(files: Files) -> list[str]:
    """Find places of the widget and of the operators' script that make a document or a program out of a string."""
    faults = []
    for path, content in files.items():
        if fnmatch(path, "widget/src/*.js") or fnmatch(path, "service/web/static/*.js"):
            code = _JS_COMMENT.sub(lambda match: match[1] or " ", content)
            faults += [f"{path} {match[0]}" for match in _SINKS.finditer(code)]
    return faults


def environment(files: Files) -> list[str]:
    """Find reads of the environment outside of settings."""
    faults = []
    for path, tree in _service(files, "service/settings/__init__.py"):
        used = [(node.lineno, _dotted(node)) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        faults += [
            f"{path}:{line} {name}" for line, name in [*used, *_imports(tree)] if name in ("os.environ", "os.getenv")
        ]
    return faults


def requests(files: Files) -> list[str]:
    """Find rooms below the web that know what a request is."""
    known = re.compile(r"(flask|werkzeug)\b.*\.[rR]equest")
    return [
        f"{path}:{line} {name}"
        for path, tree in _service(files, "service/web/*")
        for line, name in _imports(tree)
        if known.fullmatch(name)
    ]


def clocks(files: Files) -> list[str]:
    """Find rooms that look at a clock themselves; a door may, and what watches requests may take time."""
    faults = []
    for path, tree in _service(files):
        door = fnmatch(path, "service/cli/*") or path == "service/web/state.py"
        watched = set() if door else set(_CLOCKS)
        watched |= set() if path.rpartition("/")[2] in ("asgi.py", "health.py", "watch.py") else _STOPWATCHES
        found = [*_imports(tree), *_calls(tree)]
        faults += [
            f"{path}:{line} {name}" for line, name in found if any(f".{name}".endswith(f".{w}") for w in watched)
        ]
    return faults


def workplace(files: Files) -> list[str]:
    """Find words that only mean something on one machine."""
    return [f"{path} {match[0]}" for path, content in files.items() for match in _WORKPLACE.finditer(content)]


def prints(files: Files) -> list[str]:
    """Find prints outside of the command line."""
    return [
        f"{path}:{line} print"
        for path, tree in _service(files, "service/cli/*")
        for line, name in _calls(tree)
        if name == "print"
    ]
