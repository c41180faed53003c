"""Checks sources against the installed libraries without running them.

Reads a JSON list of {"code": before, "fixed": after} on standard input and prints, for each, what is wrong with the
second that is not wrong with the first: imports that do not resolve, attributes that are not there, arguments that
the signature does not take, things that say they are deprecated. `absent` names packages that are not installed.
"""

import ast
import importlib.util
import inspect
import json
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
UNKNOWN = object()


def is_absent(name):
    root = name.split(".")[0]
    try:
        return importlib.util.find_spec(root) is None
    except (ImportError, ValueError):
        return True


class Source:
    """What can be said of one text."""

    def __init__(self, text):
        self.problems, self.absent, self.checked, self.open = set(), set(), 0, 0
        self.names, self.types = {}, {}
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.load(node)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made = self.resolve(node.value.func)
                for target in node.targets:
                    if isinstance(target, ast.Name) and inspect.isclass(made):
                        self.types[target.id] = made
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self.check(node)
            elif isinstance(node, ast.Attribute):
                self.attribute(node)

    def load(self, node):
        if isinstance(node, ast.ImportFrom) and node.level:
            return
        modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        missing = [name for name in modules if is_absent(name)]
        if missing:
            self.absent.update(name.split(".")[0] for name in missing)
            return
        statement = ast.unparse(node)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                exec(statement, self.names)
            except Exception as error:
                self.problems.add(f"`{statement}`: {type(error).__name__}: {str(error).splitlines()[0]}")
        for warning in told:
            if issubclass(warning.category, (DeprecationWarning, FutureWarning)) and warning.filename == "<string>":
                self.problems.add(f"`{statement}` warns: {warning.message}")

    def resolve(self, node):
        """The library's object that an expression names; UNKNOWN where that cannot be told."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, UNKNOWN)
        if not isinstance(node, ast.Attribute):
            return UNKNOWN
        owner = self.resolve(node.value)
        if owner is UNKNOWN:
            return UNKNOWN
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(owner, node.attr, UNKNOWN)

    def attribute(self, node):
        owner = self.resolve(node.value)
        if (inspect.ismodule(owner) or inspect.isclass(owner)) and self.resolve(node) is UNKNOWN:
            self.problems.add(f"`{ast.unparse(node)}` is not there")

    def check(self, call):
        function, bound = self.resolve(call.func), False
        if function is UNKNOWN and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            owner = self.types.get(call.func.value.id)
            function, bound = getattr(owner, call.func.attr, UNKNOWN) if owner else UNKNOWN, True
        if function is UNKNOWN:
            return
        shown = ast.unparse(call.func)
        said = getattr(function, "__deprecated__", None)
        documentation = (inspect.getdoc(function) or "")[:400].lower()
        if said or documentation.startswith("deprecated") or ".. deprecated::" in documentation:
            self.problems.add(f"`{shown}` is deprecated: {said or documentation.splitlines()[0]}")
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            self.open += 1
            return
        if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
            self.open += 1
            return
        kinds = {parameter.kind for parameter in signature.parameters.values()}
        positional = [None] * (len(call.args) + bound)
        try:
            signature.bind_partial(*positional, **{one.arg: None for one in call.keywords})
        except TypeError as error:
            self.problems.add(f"`{shown}(…)`: {error}")
            return
        if inspect.Parameter.VAR_KEYWORD in kinds and call.keywords:
            self.open += 1
        else:
            self.checked += 1


def judge(pair):
    try:
        before, after = Source(pair["code"]), Source(pair["fixed"])
    except SyntaxError as error:
        return {"problems": [f"does not parse: {error}"], "absent": [], "checked": 0, "open": 0}
    return {
        "problems": sorted(after.problems - before.problems),
        "absent": sorted(after.absent - before.absent),
        "lacking": sorted(after.absent),
        "checked": after.checked,
        "open": after.open,
    }


pairs = json.load(sys.stdin)
sys.stdout, out = sys.stderr, sys.stdout
json.dump([judge(pair) for pair in pairs], out)
