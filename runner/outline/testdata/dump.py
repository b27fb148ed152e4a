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


def functions(node, path, text, out):
    """Those that stand in no other: where each is, and the offsets of its body without a docstring."""
    for child in ast.iter_child_nodes(node):
        if type(child) not in KINDS:
            functions(child, path, text, out)
            continue
        name = (path + "." if path else "") + child.name
        if isinstance(child, ast.ClassDef):
            functions(child, name, text, out)
            continue
        body = child.body
        if ast.get_docstring(child, clean=False) is not None:
            body = body[1:]
        start = end = 0
        if body:
            first = min([d.lineno for d in getattr(body[0], "decorator_list", [])] + [body[0].lineno])
            start = text[first - 1] + body[0].col_offset
            end = text[body[-1].end_lineno - 1] + body[-1].end_col_offset
        lines = [d.lineno for d in child.decorator_list] + [child.lineno]
        out.append(
            {
                "Name": name,
                "FirstLine": min(lines) - 1,
                "EndLine": child.end_lineno - 1,
                "Start": start,
                "End": end,
            }
        )


def starts(text):
    """The offset of each line."""
    result = [0]
    for line in text.encode().split(b"\n"):
        result.append(result[-1] + len(line) + 1)
    return result


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
    outer = []
    functions(tree, "", starts(text), outer)
    outer.sort(key=lambda each: each["FirstLine"])
    print(json.dumps({"File": name, "Defs": defs, "Imports": taken, "Functions": outer}))
