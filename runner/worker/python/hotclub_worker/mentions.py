"""What code mentions: the modules it imports, and the names by which it may reach anything else.

Only code that has been run counts: a module's level, and those of its functions that were called.
"""

import ast
import importlib.util
import sys
from collections.abc import Container, Iterable, Iterator
from types import ModuleType
from typing import Any, Optional

# By these code gets hold of modules that it does not import, or of any model.
_ANYTHING = {
    "import_module", "import_string", "__import__", "modules", "exec", "eval", "__subclasses__",
    "walk_packages", "iter_modules", "run_path", "run_module", "get_objects",
}  # fmt: skip
_MODELS = {"get_model", "get_models", "get_app_config", "get_app_configs", "all_models"}
_ANY_MODEL = {"get_user_model", "get_model", "get_models", "call_command", "deserialize"}


class Everything:
    """A container of all functions."""

    def __contains__(self, _name: object) -> bool:
        return True


class Mentions:
    """What the code of one module mentions that has been run."""

    def __init__(self, module: ModuleType, called: Container[str]) -> None:
        self.anything = False  # it may reach any module
        self.any_model = False  # it may reach any model of the project
        self.words: set[str] = set()  # attributes and short strings
        self._imported: set[str] = set()
        self._package: Optional[str] = module.__package__
        self._called = called
        tree = _parsed(module)
        if tree is None:
            self.anything = True
        else:
            self._visit(tree, "", ())

    def modules(self) -> Iterator[str]:
        """The loaded modules that it imports, with the packages that these are in."""
        for name in self._imported:
            while name:
                if name in sys.modules:
                    yield name
                if hasattr(sys.modules.get(name), "__path__"):
                    # import a; a.b.c
                    yield from (
                        f"{name}.{word}" for word in self.words if f"{name}.{word}" in sys.modules
                    )
                name = name.rpartition(".")[0]

    def _visit(self, node: ast.AST, prefix: str, parameters: tuple[str, ...]) -> None:
        self._visit_all(ast.iter_child_nodes(node), prefix, parameters)

    def _visit_all(
        self, nodes: Iterable[ast.AST], prefix: str, parameters: tuple[str, ...]
    ) -> None:
        for child in nodes:
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._function(child, prefix, parameters)
            elif isinstance(child, ast.ClassDef):
                inside = f"{prefix}{child.name}." if not parameters else prefix
                self._visit(child, inside, parameters)
            else:
                self._mention(child, parameters)
                self._visit(child, prefix, parameters)

    def _function(self, node: Any, prefix: str, outer: tuple[str, ...]) -> None:
        arguments = node.args
        names = [each.arg for each in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
        run = bool(outer) or prefix + node.name in self._called
        for child in ast.iter_child_nodes(node):
            # Decorators, defaults and annotations are the module's level.
            if child not in node.body:
                self._visit_all([child], prefix, outer)
        if run:
            self._visit_all(node.body, prefix, (*outer, *names, ""))

    def _mention(self, node: ast.AST, parameters: tuple[str, ...]) -> None:
        if isinstance(node, ast.Import):
            self._imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node)
        elif isinstance(node, ast.Name):
            self.anything |= node.id in _ANYTHING
            self.any_model |= node.id in _ANY_MODEL
        elif isinstance(node, ast.Attribute):
            self.words.add(node.attr)
            self.anything |= node.attr in _ANYTHING
            # The apps that a migration is handed are those of its own state.
            given = isinstance(node.value, ast.Name) and node.value.id in parameters
            self.any_model |= node.attr in _ANY_MODEL | _MODELS and not given
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.words.add(node.value[:80])

    def _import_from(self, node: ast.ImportFrom) -> None:
        package = "." * node.level + (node.module or "")
        try:
            package = importlib.util.resolve_name(package, self._package)
        except (ImportError, ValueError):
            return
        self._imported.add(package)
        for alias in node.names:
            self._imported.add(f"{package}.{alias.name}")
            if alias.asname:  # its uses will not be recognised
                self.anything |= alias.name in _ANYTHING
                self.any_model |= alias.name in _ANY_MODEL


def _parsed(module: ModuleType) -> Optional[ast.Module]:
    try:
        with open(module.__file__ or "", "rb") as file:
            return ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return None
