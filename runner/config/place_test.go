package config

import (
	"errors"
	"path/filepath"
	"testing"

	"hotclub/runner"
)

func TestPlace(t *testing.T) {
	skipOnWindows(t)
	const setdefault = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n"
	tests := []struct {
		name, tree, dir, flag     string
		root, manage, work, given string // work and given default to root
		origin                    string
	}{
		{
			name: "here", tree: "-- manage.py --\n" + setdefault, dir: ".",
			root: "$WORK", manage: "$WORK/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "from deep inside", tree: "-- manage.py --\n-- shop/tests/test_a.py --\n", dir: "shop/tests",
			root: "$WORK", manage: "$WORK/manage.py", origin: "found: manage.py in a parent directory",
		},
		{
			name: "one level down", tree: "-- backend/manage.py --\n-- frontend/index.ts --\n", dir: ".",
			root: "$WORK/backend", manage: "$WORK/backend/manage.py", origin: "found: manage.py in a directory below",
		},
		{
			name: "in a sibling of one level down", tree: "-- backend/manage.py --\n-- docs/de/index.rst --\n", dir: "docs/de",
			root: "$WORK/backend", manage: "$WORK/backend/manage.py", given: "$WORK/backend", origin: "found: manage.py in a directory below",
		},
		{
			name: "configured root above src", tree: "-- pyproject.toml --\n[tool.hotclub]\n-- src/manage.py --\n", dir: ".",
			root: "$WORK", manage: "$WORK/src/manage.py", work: "$WORK/src", origin: "found: pyproject.toml in this directory",
		},
		{
			name: "configured root above src, from src", tree: "-- pyproject.toml --\n[tool.hotclub]\n-- src/manage.py --\n", dir: "src",
			root: "$WORK", manage: "$WORK/src/manage.py", work: "$WORK/src", origin: "found: pyproject.toml in a parent directory",
		},
		{
			name: "one configuration, two projects", tree: "-- hotclub.toml --\n-- a/manage.py --\n-- b/manage.py --\n", dir: "b",
			root: "$WORK/b", manage: "$WORK/b/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "both files", tree: "-- hotclub.toml --\n-- pyproject.toml --\n[tool.hotclub]\nparallel=2\n-- manage.py --\n", dir: ".",
			root: "$WORK", manage: "$WORK/manage.py", origin: "found: hotclub.toml and pyproject.toml in this directory",
		},
		{
			name: "named manage.py", tree: "-- hotclub.toml --\nmanage = 'a/b/run.py'\n-- a/b/run.py --\n", dir: ".",
			root: "$WORK", manage: "$WORK/a/b/run.py", work: "$WORK/a/b", origin: "found: hotclub.toml in this directory",
		},
		{
			name: "named directory of manage.py", tree: "-- hotclub.toml --\nmanage = 'a/b'\n-- a/b/manage.py --\n", dir: "a",
			root: "$WORK", manage: "$WORK/a/b/manage.py", work: "$WORK/a/b", origin: "found: hotclub.toml in a parent directory",
		},
		{
			name: "another project than the configured one", tree: "-- hotclub.toml --\nmanage = 'a/manage.py'\nparallel = 3\n-- a/manage.py --\n-- example/manage.py --\n", dir: "example",
			root: "$WORK/example", manage: "$WORK/example/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "flag", tree: "-- a/manage.py --\n-- b/manage.py --\n", dir: ".", flag: "b",
			root: "$WORK/b", manage: "$WORK/b/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "nearest of two", tree: "-- manage.py --\n-- tests/proj/manage.py --\n", dir: "tests/proj",
			root: "$WORK/tests/proj", manage: "$WORK/tests/proj/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "above wins over below", tree: "-- manage.py --\n-- tests/proj/manage.py --\n", dir: "tests",
			root: "$WORK", manage: "$WORK/manage.py", origin: "found: manage.py in a parent directory",
		},
		{
			name: "pytest without manage.py", tree: "-- pyproject.toml --\n-- lib/pytest.ini --\n[pytest]\nDJANGO_SETTINGS_MODULE = t.s\n-- lib/t/s.py --\n", dir: "lib/t",
			root: "$WORK/lib", origin: "found: pytest.ini in a parent directory",
		},
		{
			name: "a repository does not look outside", tree: "dir a/.git\n-- hotclub.toml --\n-- a/manage.py --\n", dir: "a",
			root: "$WORK/a", manage: "$WORK/a/manage.py", origin: "found: manage.py in this directory",
		},
		{
			name: "linked children are one", tree: "link current backend\n-- backend/manage.py --\n", dir: ".",
			root: "$WORK/backend", manage: "$WORK/backend/manage.py", origin: "found: manage.py in a directory below",
		},
		{
			name: "hidden and node_modules are no candidates", tree: "-- .tox/manage.py --\n-- node_modules/manage.py --\n-- api/manage.py --\n", dir: ".",
			root: "$WORK/api", manage: "$WORK/api/manage.py", origin: "found: manage.py in a directory below",
		},
		{
			name: "through a link", tree: "link linked real/Projet été\n-- real/Projet été/manage.py --\n-- real/Projet été/shop/x.py --\n", dir: "linked/shop",
			root: "$WORK/real/Projet été", manage: "$WORK/real/Projet été/manage.py", given: "$WORK/linked", origin: "found: manage.py in a parent directory",
		},
		{
			name: "without a repository", tree: "bare\n-- proj/manage.py --\n-- proj/shop/x.py --\n", dir: "proj/shop",
			root: "$WORK/proj", manage: "$WORK/proj/manage.py", origin: "found: manage.py in a parent directory",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			p := g.load(test.dir, runner.Overrides{Root: test.flag})
			want := func(what, got, want string) {
				if want == "" {
					want = test.root
				}
				if g.rel(got) != want {
					t.Errorf("%s: got %s, want %s", what, g.rel(got), want)
				}
			}
			want("Root", p.Root, test.root)
			want("Dir", p.Dir, test.work)
			want("Given", p.Given, test.given)
			want("origin", g.origin(p, "root"), test.origin)
			if g.rel(p.ManagePy) != test.manage {
				t.Errorf("ManagePy: got %s, want %s", g.rel(p.ManagePy), test.manage)
			}
		})
	}
}

func TestPlaceErrors(t *testing.T) {
	skipOnWindows(t)
	tests := []struct{ name, tree, dir, flag, want string }{
		{
			"several below", "-- a b/manage.py --\n-- shop/manage.py --\n", ".", "",
			`2 Django projects below $WORK: a b/manage.py, shop/manage.py; choose one with -C, such as -C "a b"`,
		},
		{
			"several below a configured root", "-- hotclub.toml --\n-- a/manage.py --\n-- b/manage.py --\n", ".", "",
			`2 Django projects below $WORK: a/manage.py, b/manage.py; choose one with -C, such as -C a`,
		},
		{
			"nothing", "bare\n-- a/b/x --\n", "a/b", "",
			"no Django project at or above $WORK/a/b: no manage.py, hotclub.toml, pyproject.toml or .git; change into the project or name its directory with -C",
		},
		{"no such directory", "", ".", "nowhere", "-C $WORK/nowhere: no such file or directory; name a directory inside a Django project"},
		{"a file", "-- f --\n", ".", "f", "-C $WORK/f: not a directory; name a directory inside a Django project"},
		{"vanished", "", "gone", "", "$WORK/gone: no such file or directory; name a directory inside a Django project"},
		{
			"manage names nothing", "-- hotclub.toml --\n\nmanage = 'x/manage.py'\n", ".", "",
			`hotclub.toml:2: manage = "x/manage.py": there is no file $WORK/x/manage.py; the path is relative to the directory of hotclub.toml`,
		},
		{
			"manage is a number", "-- hotclub.toml --\nmanage = 1\n", ".", "",
			`hotclub.toml:1: manage has a wrong value; expected the path of manage.py in quotes, such as "backend/manage.py"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			_, err := Load(g.client(test.dir), runner.Overrides{Root: test.flag})
			wantError(t, g, err, test.want, true)
		})
	}
	g := plant(t, "-- a/manage.py --\n-- b/manage.py --\n")
	client := g.client(".")
	client.Name = "Visual Studio Code"
	_, err := Load(client, runner.Overrides{})
	wantError(t, g, err, "2 Django projects below $WORK: a/manage.py, b/manage.py; open the folder of one, such as a", true)

	_, err = Load(runner.Client{Name: "X", Dir: "somewhere"}, runner.Overrides{})
	wantError(t, &ground{root: "?"}, err, `the client's directory "somewhere" is not an absolute path; this is a fault of the client: X`, true)
}

func wantError(t *testing.T, g *ground, err error, want string, usage bool) {
	t.Helper()
	fault, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v (%T), want %s", err, err, want)
	}
	if got := g.rel(err.Error()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if fault.Usage != usage {
		t.Errorf("Usage is %v", fault.Usage)
	}
	if fault.Where != "" && !filepath.IsAbs(fault.File) {
		t.Errorf("File is %q", fault.File)
	}
}

func TestKey(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "exec .venv/bin/python\nlink .venv/bin/python3 python\nlink seen .\n-- manage.py --\n-- .venv/pyvenv.cfg --\n-- shop/x --\n")
	first := g.load(".", runner.Overrides{})
	for name, p := range map[string]*Project{
		"from below":       g.load("shop", runner.Overrides{}),
		"through a link":   g.load("seen/shop", runner.Overrides{}),
		"as python3":       g.load(".", runner.Overrides{Python: ".venv/bin/python3"}),
		"by an activation": g.load(".", runner.Overrides{}, "VIRTUAL_ENV=$WORK/seen/.venv"),
	} {
		if p.Key != first.Key {
			t.Errorf("%s: another key", name)
		}
	}
	for name, p := range map[string]*Project{
		"other settings":    g.load(".", runner.Overrides{Settings: "a.b"}),
		"other interpreter": g.load(".", runner.Overrides{Python: "python3"}),
	} {
		if p.Key == first.Key {
			t.Errorf("%s: the same key", name)
		}
	}
	if len(first.Key) != 12 {
		t.Errorf("key %q", first.Key)
	}
}
