"""Print, for each file named on stdin that CPython can parse, its definitions."""
import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")
KINDS = {ast.ClassDef: 0, ast.FunctionDef: 1, ast.AsyncFunctionDef: 2}


def walk(node, parent, out):
    for child in ast.iter_child_nodes(node):
        path = parent
        if type(child) in KINDS:
            path = (parent + "." if parent else "") + child.name
            first = min([d.lineno for d in child.decorator_list] + [child.lineno])
            out.append(
                {
                    "Kind": KINDS[type(child)],
                    "Path": path,
                    "Line": child.lineno - 1,
                    "FirstLine": first - 1,
                    "EndLine": child.end_lineno - 1,
                    "Decorators": len(child.decorator_list),
                }
            )
        walk(child, path, out)


def imports(node, out):
    """Those of the module itself: not within functions and classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            for alias in child.names:
                taken = isinstance(child, ast.ImportFrom)
                out.append(
                    {
                        "Module": (child.module or "") if taken else alias.name,
                        "Level": child.level if taken else 0,
                        "Name": alias.name if taken else "",
                        "As": alias.asname or "",
                        "Line": child.lineno - 1,
                    }
                )
        elif type(child) not in KINDS:
            imports(child, out)


for name in sys.stdin.read().splitlines():
    try:
        with open(name, "rb") as file:
            text = file.read().decode("utf-8")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        continue
    if "\r" in text.replace("\r\n", ""):
        continue
    defs = []
    walk(tree, "", defs)
    taken = []
    imports(tree, taken)
    print(json.dumps({"File": name, "Defs": defs, "Imports": taken}))
