"""Print what ``manage.py test LABEL...`` would run, as JSON, with the ids of hotclub's worker.

    python collect.py ROOT [LABEL...]        in the directory of manage.py
"""

import json
import os
import runpy
import sys

root, labels = sys.argv[1], sys.argv[2:]
sys.path.insert(0, os.getcwd())
sys.argv = ["manage.py", "test", *labels]


def flatten(suite):
    try:
        children = iter(suite)
    except TypeError:
        yield suite
        return
    for child in children:
        yield from flatten(child)


def relative(file):
    path = os.path.relpath(file, root)
    return (file if path.startswith("..") else path).replace(os.sep, "/")


def describe(test, origin):
    kind, method = type(test), getattr(test, "_testMethodName", "")
    if kind.__name__ in ("_FailedTest", "ModuleSkipped"):
        for base in (os.getcwd(), root):
            path = os.path.join(base, *method.split("."))
            for file in (path + ".py", os.path.join(path, "__init__.py")):
                if os.path.isfile(file):
                    return {"path": relative(file), "file": file, "unit": kind.__name__, "error": str(getattr(test, "_exception", ""))[-300:]}
        return {"path": method, "unit": kind.__name__, "error": str(getattr(test, "_exception", ""))[-300:]}
    home, name = kind.__module__, test.id()
    found = sys.modules.get(home)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not kind or home == "doctest" or name != f"{home}.{kind.__qualname__}.{method}":
        method, home = name, origin
    function = getattr(kind, method, None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    file = getattr(sys.modules.get(home), "__file__", None) or ""
    tags = set(getattr(test, "tags", ())) | set(getattr(getattr(kind, method, None), "tags", ()))
    return {
        "path": relative(file), "file": file, "unit": kind.__qualname__, "class": kind.__qualname__, "name": method,
        "label": name, "line": getattr(code, "co_firstlineno", 0), "tags": sorted(tags), "module": origin,
        "defined": getattr(code, "co_name", "") == method,
    }


def run_tests(self, test_labels, **kwargs):
    self.setup_test_environment()
    origins, kept, loader = {}, [], self.test_loader
    load = loader.loadTestsFromModule

    def load_tests_from_module(module, *args, **kwargs):
        suite = load(module, *args, **kwargs)
        kept.append(suite)
        for test in flatten(suite):
            origins.setdefault(id(test), module.__name__)
        return suite

    loader.loadTestsFromModule = load_tests_from_module
    self.tags = self.exclude_tags = set()
    self.parallel = 1
    tests = list(flatten(self.build_suite(test_labels)))
    with os.fdopen(result, "w") as out:
        json.dump([describe(test, origins.get(id(test), type(test).__module__)) for test in tests], out)
    os._exit(0)


result = os.dup(1)
os.dup2(2, 1)
import django.test.runner  # noqa: E402

django.test.runner.DiscoverRunner.run_tests = run_tests
runpy.run_path("manage.py", run_name="__main__")
