package lspserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/runner"
)

// shop is a project's file of tests; the names say what they do.
const shop = `from django.test import TestCase, tag


class CartTests(TestCase):
    def test_pass(self):
        pass

    @tag("slow")
    def test_fail(self):
        self.assertEqual(3, 4)

    def test_skip(self):
        pass


class Helper:
    def test_nothing(self):
        pass
`

// window is a server with a project on the disk.
type window struct {
	*bundle
	root string // of the project
	file string // shop/tests.py
}

// newWindow makes the project shop/tests.py in a folder of its own.
func newWindow(t *testing.T, change func(*lspserver.Options)) *window {
	t.Helper()
	reports := filepath.Join(t.TempDir(), "reports")
	b := setup(t, func(o *lspserver.Options) {
		o.Reports = reports
		if change != nil {
			change(o)
		}
	})
	root := newProject(t, "web", map[string]string{"shop/__init__.py": "", "shop/tests.py": shop})
	return &window{b, root, filepath.Join(root, "shop", "tests.py")}
}

// newProject makes a project of a name, and returns its root.
func newProject(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, name)
	write(t, filepath.Join(root, "manage.py"), "")
	for file, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(file)), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// editor adds an editor.
func (b *bundle) editor(t *testing.T, options lsptest.Options) *lsptest.Editor {
	t.Helper()
	return lsptest.NewEditor(t, b.dial(t), options)
}

// open is an editor with the project's folder and its file open, whose lenses are there.
func (w *window) open(t *testing.T, options lsptest.Options) *lsptest.Editor {
	t.Helper()
	if options.Folders == nil {
		options.Folders = []string{w.root}
	}
	e := w.editor(t, options)
	e.Open(w.file, shop)
	w.waitTitle(t, e, "test_pass", "▶ Run")
	return e
}

// id is that of a test of shop/tests.py.
func (w *window) id(test string) runner.TestID {
	return runner.TestID("fake" + filepath.Base(w.root) + "//shop/tests.py::CartTests::" + test)
}

// lensOf is the lens over a definition of an open file.
func lensOf(e *lsptest.Editor, lenses []lsptest.Lens, file, name, command string) *lsptest.Lens {
	for i, lens := range lenses {
		lines := strings.Split(e.Text(file), "\n")
		for at := lens.Range.Start.Line; at < len(lines); at++ {
			line := strings.TrimSpace(lines[at])
			if !strings.HasPrefix(line, "def ") && !strings.HasPrefix(line, "class ") {
				continue
			}
			if strings.Contains(line, " "+name+"(") && lens.Command != nil && lens.Command.Command == command {
				return &lenses[i]
			}
			break
		}
	}
	return nil
}

// waitTitle waits until the lens over a test has a title.
func (w *window) waitTitle(t *testing.T, e *lsptest.Editor, test, title string) lsptest.Lens {
	t.Helper()
	var found lsptest.Lens
	e.WaitLenses(w.file, func(lenses []lsptest.Lens) bool {
		lens := lensOf(e, lenses, w.file, test, "hotclub.run")
		if lens == nil || !strings.HasPrefix(lens.Title(), title) {
			return false
		}
		found = *lens
		return true
	})
	return found
}

func titles(lenses []lsptest.Lens) (list []string) {
	for _, l := range lenses {
		list = append(list, l.Title())
	}
	return list
}

// click clicks on a lens and wants it done.
func click(t *testing.T, e *lsptest.Editor, lens lsptest.Lens) {
	t.Helper()
	if m := e.Click(lens.Command); m.Error != nil {
		t.Fatalf("%s: %s", lens.Title(), m.Error.Message)
	}
}

// heard counts the messages of methods that begin so.
func heard(e *lsptest.Editor, prefix string) (n int) {
	for _, m := range e.Log() {
		if strings.HasPrefix(m.Method, prefix) {
			n++
		}
	}
	return n
}

func contains(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
