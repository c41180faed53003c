"""Checks sources against the installed libraries without running them.

Reads a JSON list of {"code": before, "fixed": after} on standard input and prints, for each, what is wrong with the
second that is not wrong with the first: imports that do not resolve, attributes that are not there, arguments that
the signature does not take, things that say they are deprecated.

Of the calls that the second has and the first has not, `checked` counts those that fit a signature, `open` those of
what takes any argument or has no signature; `untold` names those of which nothing can be said. `absent` names the
packages that the second brings and that are not installed, `lacking` also the first's own.

$FRUGAL_EVIDENCE_SOURCES names folders with sources of packages that cannot be installed.
"""

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import sys
import types
import typing
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.extend(filter(None, os.environ.get("FRUGAL_EVIDENCE_SOURCES", "").split(os.pathsep)))
UNKNOWN = object()
# Of whom a method is that a text does not say, where fixes mean one: by the end of what is called.
MEANT = {
    "astype": "numpy.ndarray",
    "chat.completions.create": "openai.resources.chat.completions.Completions",
    "columns.intersection": "pandas.Index",
    "converter.convert": "tensorflow.lite.TFLiteConverter",
    "detach": "torch.Tensor",
    "do": "schedule.Job",
    "drop_duplicates": "pandas.DataFrame",
    "enable_input_require_grads": "transformers.PreTrainedModel",
    "eval": "torch.nn.Module",
    "generate": "transformers.GenerationMixin",
    "get_classifier": "timm.models.VisionTransformer",
    "lower": "str",
    "model.export": "keras.Model",
    "modules": "torch.nn.Module",
    "name.title": "str",
    "parameters": "torch.nn.Module",
    "permute": "torch.Tensor",
    "select_dtypes": "pandas.DataFrame",
    "set_flag": "tensorrt.IBuilderConfig",
    "should_prune": "optuna.trial.Trial",
    "take": "datasets.IterableDataset",
    "to": "torch.nn.Module",
    "to_parquet": "pandas.DataFrame",
    "tolist": "pandas.Series",
    "train": "torch.nn.Module",
    "train.map": "tensorflow.data.Dataset",
    "zero_grad": "torch.nn.Module",
}
# What functions without a declared result return.
RETURNS = {
    "io.open": "io.BufferedRandom",
    "sklearn.model_selection._validation.cross_val_score": "numpy.ndarray",
    "torch.as_tensor": "torch.Tensor",
    "transformers.pipelines.pipeline": "transformers.Pipeline",
}
OUTDATED = (DeprecationWarning, FutureWarning)


def is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


class Anything:
    """What a missing module of a library's own holds: a base, an annotation, a decorator."""

    def __init__(self, *values, **named):
        pass

    def __call__(self, *values, **named):
        return values[0] if values else self

    def __class_getitem__(cls, item):
        return cls

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema

        return core_schema.any_schema()


def stands_in(value):
    """Whether it is such a thing itself, and no library's class that inherits from one."""
    return inspect.isclass(value) and "stands_in" in vars(value)


class StandIn(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Anything,), {"stands_in": True})
        setattr(self, name, made)
        return made


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules that a library misses here and that fixes do not name: its own signatures are there without them."""

    def __init__(self):
        self.missing = set()

    def find_spec(self, name, path=None, target=None):
        known = any(f"{name}.".startswith(f"{one}.") for one in self.missing)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


stand_ins = StandIns()
sys.meta_path.append(stand_ins)


def execute(statement, names):
    """An import; what the library lacks itself is stood in for, name by name."""
    for _ in range(40):
        try:
            return exec(statement, names)
        except ImportError as error:
            cause = error
            while not isinstance(cause, ModuleNotFoundError) and (cause.__context__ or cause.__cause__):
                cause = cause.__context__ or cause.__cause__
            missing = getattr(cause, "name", None)
            if not missing or missing in stand_ins.missing or is_there(missing):
                raise
            stand_ins.missing.add(missing)
    return exec(statement, names)


def classes_of(hint, receiver=()):
    """The classes that an annotation names."""
    if hint is typing.Self:
        return receiver
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(made for one in typing.get_args(hint) for made in classes_of(one, receiver))
    hint = typing.get_origin(hint) or hint
    known = inspect.isclass(hint) and hint not in (object, type(None)) and not stands_in(hint)
    return (hint,) if known else ()


def named(path):
    """The class or module of a dotted name; UNKNOWN where it is not installed."""
    parts = path.split(".")
    for at in range(len(parts), 0, -1):
        try:
            found = getattr(builtins, path, None) or importlib.import_module(".".join(parts[:at]))
            for part in parts[at:]:
                found = getattr(found, part)
            return found
        except (ImportError, AttributeError):
            continue
    return UNKNOWN


def key_of(call):
    """What of a call must fit: whom it calls, how many arguments it gives, and their names."""
    given = [type(one).__name__ == "Starred" for one in call.args]
    return ast.dump(call.func), tuple(given), tuple(sorted(one.arg or "" for one in call.keywords))


class Source:
    """What can be said of one text."""

    def __init__(self, text):
        self.problems, self.absent = set(), set()
        self.names = {}
        self.own, self.types = {}, {}
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.load(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                # of two with one name nobody can say which is meant
                self.own[node.name] = UNKNOWN if node.name in self.own else node
        for _ in range(2):  # what is made of what is made
            for node in nodes:
                self.type(node)
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.told = {id(call): self.check(call) for call in self.calls}
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self.attribute(node)

    def load(self, node):
        if isinstance(node, ast.ImportFrom) and node.level:
            return
        modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        missing = [name for name in modules if not is_there(name.split(".")[0])]
        if missing:
            self.absent.update(name.split(".")[0] for name in missing)
            return
        statement = ast.unparse(node)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                execute(statement, self.names)
            except ImportError as error:
                self.problems.add(f"`{statement}`: {type(error).__name__}: {str(error).splitlines()[0]}")
            except Exception:  # sources without what must be compiled
                self.absent.update(name.split(".")[0] for name in modules)
        for warning in told:
            if issubclass(warning.category, OUTDATED) and warning.filename == "<string>":
                self.problems.add(f"`{statement}` warns: {warning.message}")

    def type(self, node):
        """Notes what classes an assignment, a `with` or an annotation may give a name."""
        pairs = []
        if isinstance(node, ast.Assign):
            pairs = [(target, self.classes(node.value)) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.annotation, (ast.Name, ast.Attribute)):
            pairs = [(node.target, self.made_by(self.resolve(node.annotation)))]
        elif isinstance(node, ast.arg) and isinstance(node.annotation, (ast.Name, ast.Attribute)):
            pairs = [(ast.Name(node.arg), self.made_by(self.resolve(node.annotation)))]
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    made = self.classes(item.context_expr)
                    entered = self.made_by(self.member(made, "__enter__")[0], made)
                    pairs.append((item.optional_vars, entered or made))
        for target, made in pairs:
            name = ast.unparse(target)
            self.types[name] = tuple(dict.fromkeys((*self.types.get(name, ()), *made)))

    def classes(self, node):
        """The classes that an expression's value may be of: the text's own, or the libraries'."""
        if isinstance(node, ast.Await):
            return self.classes(node.value)
        if isinstance(node, ast.Call):
            function, _ = self.callee(node)
            return self.made_by(function, self.classes(node.func.value) if isinstance(node.func, ast.Attribute) else ())
        literals = (
            ((ast.List, ast.ListComp), list),
            ((ast.Dict, ast.DictComp), dict),
            ((ast.Set, ast.SetComp), set),
            (ast.Tuple, tuple),
            (ast.JoinedStr, str),
        )
        for kinds, made in literals:
            if isinstance(node, kinds):
                return (made,)
        if isinstance(node, ast.Constant):
            return () if node.value is None else (type(node.value),)
        known = self.types.get(ast.unparse(node), ())
        if known or not isinstance(node, ast.Attribute):
            return known
        return next(filter(None, (self.held(owner, node.attr) for owner in self.classes(node.value))), ())

    def held(self, owner, name):
        """The classes that an attribute of an instance may be of."""
        if not inspect.isclass(owner):
            return ()
        member = inspect.getattr_static(owner, name, None)
        getter = member.fget if isinstance(member, property) else getattr(member, "func", None)
        if getter is not None:
            return self.made_by(getter, (owner,))
        try:
            return classes_of(typing.get_type_hints(owner).get(name), (owner,))
        except Exception:
            return ()

    def made_by(self, function, receiver=()):
        """The classes of what a call returns."""
        if inspect.isclass(function):
            return classes_of(function)
        if isinstance(function, ast.ClassDef):
            return (function,)
        if isinstance(function, ast.AST):
            made = self.resolve(function.returns) if function.returns else UNKNOWN
            return classes_of(made)
        name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
        if name in RETURNS:
            return classes_of(named(RETURNS[name]))
        try:
            return classes_of(typing.get_type_hints(function).get("return"), receiver)
        except Exception:
            return ()

    def resolve(self, node):
        """The library's object, or the text's own, that an expression names; UNKNOWN where that cannot be told."""
        if isinstance(node, ast.Name):
            for known in (self.own, self.names):
                if node.id in known:
                    return known[node.id]
            return UNKNOWN if node.id in self.types else getattr(builtins, node.id, UNKNOWN)
        if not isinstance(node, ast.Attribute):
            return UNKNOWN
        owner = self.resolve(node.value)
        if owner is UNKNOWN or isinstance(owner, ast.AST):
            return UNKNOWN
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(owner, node.attr, UNKNOWN)
        return UNKNOWN if stands_in(found) else found

    def member(self, owners, name):
        """The first of the classes' methods of this name, and whether it still wants its instance."""
        for owner in owners:
            if isinstance(owner, ast.ClassDef):
                for node in owner.body:
                    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                        return node, True
                bases = tuple(base for base in map(self.resolve, owner.bases) if base is not UNKNOWN)
                found = self.member(bases, name)
                if found[0] is not UNKNOWN:
                    return found
            elif inspect.isclass(owner) and inspect.getattr_static(owner, name, UNKNOWN) is not UNKNOWN:
                static = inspect.getattr_static(owner, name)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return getattr(owner, name, UNKNOWN), not isinstance(static, (staticmethod, classmethod))
        return UNKNOWN, False

    def callee(self, call):
        """What is called, and whether its first argument is the object before the dot."""
        function = self.resolve(call.func)
        if function is not UNKNOWN:
            return function, isinstance(function, ast.ClassDef)
        if not isinstance(call.func, ast.Attribute):
            return self.member(self.classes(call.func), "__call__")
        found = self.member(self.classes(call.func.value), call.func.attr)
        if found[0] is UNKNOWN:
            found = self.member(self.classes(call.func), "__call__")
        if found[0] is not UNKNOWN:
            return found
        shown = f".{ast.unparse(call.func)}"
        return next(
            (self.member((named(path),), call.func.attr) for end, path in MEANT.items() if shown.endswith(f".{end}")),
            found,
        )

    def attribute(self, node):
        owner = self.resolve(node.value)
        if (inspect.ismodule(owner) or inspect.isclass(owner)) and not isinstance(owner, StandIn):
            if self.resolve(node) is UNKNOWN and not hasattr(owner, node.attr):
                self.problems.add(f"`{ast.unparse(node)}` is not there")

    def check(self, call):
        """`checked`, `open` or `untold`; what does not fit is a problem."""
        function, bound = self.callee(call)
        if isinstance(function, ast.ClassDef):
            function, bound = self.member((function,), "__init__")
        if function is UNKNOWN:
            return "untold"
        shown = ast.unparse(call.func)
        if isinstance(function, ast.AST):
            if function.decorator_list:
                return "open"
            parameters = signature_of(function)
        else:
            documentation = (inspect.getdoc(function) or "")[:400].lower()
            said = getattr(function, "__deprecated__", None)
            if said or documentation.startswith("deprecated") or ".. deprecated::" in documentation:
                self.problems.add(f"`{shown}` is deprecated: {said or documentation.splitlines()[0]}")
            try:
                parameters = inspect.signature(function)
            except (TypeError, ValueError):
                return "open"
        if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
            return "open"
        kinds = {parameter.kind for parameter in parameters.parameters.values()}
        positional = [None] * (len(call.args) + bound)
        # pydantic's models show a field's alias, and may take its name as well
        config = getattr(function, "model_config", None)
        fields = function.model_fields if isinstance(config, dict) and config.get("populate_by_name") else ()
        try:
            parameters.bind_partial(*positional, **{one.arg: None for one in call.keywords if one.arg not in fields})
        except TypeError as error:
            self.problems.add(f"`{shown}(…)`: {error}")
            return "checked"
        return "open" if inspect.Parameter.VAR_KEYWORD in kinds and call.keywords else "checked"


def signature_of(function):
    """Of a function of the text itself."""
    parameter, given = inspect.Parameter, function.args
    named = [
        *((one, parameter.POSITIONAL_ONLY) for one in given.posonlyargs),
        *((one, parameter.POSITIONAL_OR_KEYWORD) for one in given.args),
        *((one, parameter.VAR_POSITIONAL) for one in [given.vararg] if one),
        *((one, parameter.KEYWORD_ONLY) for one in given.kwonlyargs),
        *((one, parameter.VAR_KEYWORD) for one in [given.kwarg] if one),
    ]
    return inspect.Signature([parameter(one.arg, kind) for one, kind in named])


def judge(pair):
    try:
        before, after = Source(pair["code"]), Source(pair["fixed"])
    except SyntaxError as error:
        problem = f"does not parse: {error}"
        return {"problems": [problem], "absent": [], "lacking": [], "checked": 0, "open": 0, "untold": []}
    known = {key_of(call) for call in before.calls}
    brought = [call for call in after.calls if key_of(call) not in known]
    told = [after.told[id(call)] for call in brought]
    return {
        "problems": sorted(after.problems - before.problems),
        "absent": sorted(after.absent - before.absent),
        "lacking": sorted(after.absent),
        "checked": told.count("checked"),
        "open": told.count("open"),
        "untold": sorted({ast.unparse(call.func) for call, said in zip(brought, told) if said == "untold"}),
    }


pairs = json.load(sys.stdin)
sys.stdout, out = sys.stderr, sys.stdout
json.dump([judge(pair) for pair in pairs], out)
