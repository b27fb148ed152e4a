//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// subjects are the projects that are edited: the bookshop with an app of our own, whose tests look
// at every kind of input, and two third-party suites, whose sources are mutated.
var subjects = []struct {
	name string
	make func(t *testing.T) subject
	few  string // variants that a continuous integration has the time for
}{{"bookshop", bookshop, "fork,spawn"}, {"django-model-utils", modelUtils, "fork"}, {"django-filter", filters, "spawn"}}

func bookshop(t *testing.T) subject {
	root := copyOf(t, "../../../examples/bookshop")
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", "mutant"))); err != nil {
		t.Fatal(err)
	}
	m := &mutator{t: t, root: root}
	m.write("bookshop/settings.py", m.text("bookshop/settings.py")+settingsOfMutant)
	m.write("mutant.env", "MUTANT=1\n")
	m.write("mutant.local", "1\n")
	m.write(".gitignore", "__pycache__/\n")
	m.must(os.Symlink("one.txt", m.path("mutant/data/current.txt")))
	m.must(os.Symlink("one", m.path("mutant/data/folder")))
	m.must(os.MkdirAll(filepath.Dir(m.path(catalogue)), 0o755))
	m.write(catalogue, translated("1"))
	m.branch()
	return subject{
		python: steady(t).python, root: root,
		labels: []string{"mutant", "catalog.tests.test_isbn", "reviews.tests.test_moderation"},
		edits:  slices.Concat(bookshopEdits, common([]string{"mutant"}, []string{"mutant/tests"})),
	}
}

const settingsOfMutant = `
from mutant.conf import *

INSTALLED_APPS = [*INSTALLED_APPS, "mutant"]
`

// branch puts the project into a repository, with a branch that has other migrations.
func (m *mutator) branch() {
	m.t.Helper()
	m.git("init", "-q", "-b", "main")
	m.git("add", "-A")
	m.git("commit", "-q", "-m", "all")
	m.git("checkout", "-q", "-b", "other")
	m.write("mutant/migrations/0002_rows.py", strings.Replace(m.text("mutant/migrations/0002_rows.py"), "ROWS = 1", "ROWS = 3", 1))
	m.write("mutant/migrations/0003_branch.py", strings.NewReplacer("0001_initial", "0002_rows", "ROWS = 3", "ROWS = 1").Replace(m.text("mutant/migrations/0002_rows.py")))
	m.write("mutant/lazy.py", "VALUE = 2\n")
	m.git("add", "-A")
	m.git("commit", "-q", "-m", "other migrations")
	m.git("checkout", "-q", "main")
}

func (m *mutator) git(args ...string) {
	m.t.Helper()
	command := exec.Command("git", append([]string{"-c", "user.name=Mutant", "-c", "user.email=mutant@example.org", "-c", "gc.auto=0"}, args...)...)
	command.Dir = m.root
	if output, err := command.CombinedOutput(); err != nil {
		m.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

func modelUtils(t *testing.T) subject {
	return suiteSubject(t, "django-model-utils", "model_utils", "tests.test_choices", "tests.test_miscellaneous", "tests.test_managers", "tests.test_fields.test_field_tracker")
}

func filters(t *testing.T) subject {
	return suiteSubject(t, "django-filter", "django_filters", "tests.test_widgets", "tests.test_utils", "tests.test_filterset", "tests.test_forms", "tests.test_filtering")
}

// suiteSubject is a copy of a third-party suite, on the Django that the other subjects have.
func suiteSubject(t *testing.T, name, sources string, labels ...string) subject {
	t.Helper()
	version := steady(t).version
	for _, s := range fetched(t, name) {
		if !strings.HasPrefix(s.Django, version+".") {
			continue
		}
		python := strings.TrimSpace(script(t, "venv", append([]string{s.Python, s.Django}, s.Pip...)...))
		root := copyOf(t, s.Directory)
		mutate := mutateSources(sources)
		return subject{
			python: python, root: root, labels: append(labels, "tests.mutant"),
			edits: append([]edit{mutate, mutate, mutate, mutate, mutate, mutate}, common([]string{sources}, []string{newTests(t, root)})...),
		}
	}
	t.Fatalf("suites.json has no %s for Django %s", name, version)
	return subject{}
}

// newTests makes a package for new test modules.
func newTests(t *testing.T, root string) string {
	m := &mutator{t: t, root: root}
	m.must(os.Mkdir(m.path("tests/mutant"), 0o755))
	m.write("tests/mutant/__init__.py", "")
	m.write("tests/mutant/test_first.py", strings.ReplaceAll(newTest, "%d", "1"))
	return "tests/mutant"
}
