package lspserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func folders(e *lsptest.Editor, added, removed []string) {
	list := func(dirs []string) []any {
		all := []any{}
		for _, dir := range dirs {
			all = append(all, map[string]any{"uri": e.URI(dir), "name": filepath.Base(dir)})
		}
		return all
	}
	e.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": list(added), "removed": list(removed)}})
}

// Two projects in one window: each file belongs to its own, and a run of both is refused with the
// way out.
func TestTwoProjectsInOneWindow(t *testing.T) {
	w := newWindow(t, nil)
	other := newProject(t, "api", map[string]string{"shop/__init__.py": "", "shop/tests.py": shop})
	e := w.open(t, lsptest.Options{Folders: []string{w.root, other}})
	file := filepath.Join(other, "shop", "tests.py")
	e.Open(file, shop)
	discover(t, e)
	waitTree(t, e, w.id("test_pass"), true)
	waitTree(t, e, "fakeapi//shop/tests.py::CartTests::test_pass", true)

	runFile(t, e, file)
	runFile(t, e, w.file)
	var dirs []string
	for _, request := range w.engine.Requests() {
		dirs = append(dirs, request.Client.Dir)
	}
	if want := []string{other, w.root}; !cmp.Equal(dirs, want) {
		t.Errorf("got %q", dirs)
	}
	e.WaitDiagnostics(file, some)
	e.WaitDiagnostics(w.file, some)

	m := e.Call(wire.MethodRun, map[string]any{"runId": "both", "select": map[string]any{"all": true}})
	if m.Code() != -32602 || !strings.Contains(m.Error.Message, "fakeapi//") || !strings.Contains(m.Error.Message, "fakeweb//") {
		t.Errorf("got %+v", m.Error)
	}
	e.Run(map[string]any{"runId": "one", "select": map[string]any{"ids": []string{"fakeapi//"}}})
	if got := e.WaitRunFinished("one"); len(got.Verdicts) != 3 {
		t.Errorf("got %v", got.Verdicts)
	}
	e.Run(map[string]any{"runId": "last", "select": map[string]any{"last": true}}) // that of the project that ran last
	if e.WaitRunFinished("last"); w.engine.Requests()[3].Client.Dir != other {
		t.Errorf("got %+v", w.engine.Requests()[3])
	}
	e.Execute("hotclub.runFailed") // a key means both
	if got := w.engine.Requests()[4:]; len(got) != 2 || got[0].Client.Dir == got[1].Client.Dir {
		t.Errorf("got %+v", got)
	}
}

// Folders come and go in the order in which the editor says so, and take their projects along.
func TestFoldersComeAndGo(t *testing.T) {
	w := newWindow(t, nil)
	other := newProject(t, "api", map[string]string{"tests.py": shop})
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_pass"), true)
	folders(e, []string{other}, nil)
	waitTree(t, e, "fakeapi//tests.py", true)
	for range 20 {
		folders(e, nil, []string{other})
		folders(e, []string{other}, nil)
	}
	folders(e, nil, []string{other})
	waitTree(t, e, "fakeapi//", false)
	folders(e, []string{other}, []string{w.root})
	waitTree(t, e, "fakeapi//tests.py", true)
	f := waitTree(t, e, "fakeweb//", false)
	for id := range f.items {
		if id.Project() != "fakeapi" {
			t.Errorf("%s is still there", id)
		}
	}
	if m := e.Call(wire.MethodExplain, wire.ExplainParams{ID: w.id("test_pass")}); m.Code() != -32803 {
		t.Errorf("got %s", m.Result)
	}
}

// A document of a project that is in no folder is nobody's: nothing of it is shown or started.
func TestDocumentOutsideOfTheFolders(t *testing.T) {
	w := newWindow(t, nil)
	other := newProject(t, "api", map[string]string{"tests.py": shop})
	e := w.open(t, lsptest.Options{})
	file := filepath.Join(other, "tests.py")
	e.Open(file, shop)
	if got := e.Lenses(file); len(got) > 0 {
		t.Errorf("got %q", titles(got))
	}
	e.Execute("hotclub.restart") // answered behind whatever was begun before
	if got := w.engine.Collections(); slices.Contains(got, other) {
		t.Errorf("collected %q", got)
	}
	folders(e, []string{other}, nil)
	e.WaitLenses(file, func(lenses []lsptest.Lens) bool { return len(lenses) > 0 })
}

// An editor of a single file has no folders: what it opens is what it looks at.
func TestEditorWithoutFolders(t *testing.T) {
	w := newWindow(t, nil)
	e := w.editor(t, lsptest.Options{})
	e.Open(w.file, shop)
	w.waitTitle(t, e, "test_pass", "▶ Run")
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
}

// A manage.py further down makes a project of its own.
func TestNestedProjects(t *testing.T) {
	w := newWindow(t, nil)
	inner := filepath.Join(w.root, "tools", "inner")
	write(t, filepath.Join(inner, "manage.py"), "")
	file := filepath.Join(inner, "tests.py")
	write(t, file, shop)
	e := w.open(t, lsptest.Options{})
	e.Open(file, shop)
	e.WaitLenses(file, func(lenses []lsptest.Lens) bool { return len(lenses) > 0 })
	discover(t, e)
	waitTree(t, e, "fakeinner//tests.py::CartTests::test_pass", true)
	waitTree(t, e, w.id("test_pass"), true)
	runFile(t, e, file)
	if got := w.engine.Requests()[0].Client.Dir; got != inner {
		t.Errorf("got %s", got)
	}
}

// A folder above its project has it as soon as a file of it is opened.
func TestProjectBelowTheFolder(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Folders: []string{filepath.Dir(w.root)}})
	discover(t, e)
	waitTree(t, e, w.id("test_pass"), true)
}

// A manage.py that appears, or goes, makes and ends a project.
func TestProjectComesAndGoes(t *testing.T) {
	w := newWindow(t, nil)
	manage := filepath.Join(w.root, "manage.py")
	remove(t, manage)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, shop)
	if got := e.Lenses(w.file); len(got) > 0 {
		t.Errorf("got %q", titles(got))
	}
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	write(t, manage, "")
	e.DiskChanged(lsptest.FileCreated, manage)
	w.waitTitle(t, e, "test_pass", "▶ Run")
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	remove(t, manage)
	e.DiskChanged(lsptest.FileDeleted, manage)
	e.WaitDiagnostics(w.file, none)
	e.WaitLenses(w.file, func(lenses []lsptest.Lens) bool { return len(lenses) == 0 })
}

func TestConfiguration(t *testing.T) {
	w := newWindow(t, nil)
	settings := func(python string) map[string]any { return map[string]any{"python": python, "parallel": 3} }
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Configuration: map[string]any{"hotclub": settings("/first")}, Initialization: map[string]any{"python": "/from/initialize"}})
	e.Open(w.file, shop)
	e.WaitRegistered("workspace/didChangeConfiguration")
	e.Configure("hotclub", settings("/second"))
	wantPython(t, w, e, "/second")
	if m := e.Call(wire.MethodConfigure, map[string]any{"python": "/third", "startMethod": "spawn"}); m.Error != nil {
		t.Error(m.Error.Message)
	}
	wantPython(t, w, e, "/third")
	e.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"hotclub": settings("/pushed")}})
	wantPython(t, w, e, "/pushed")

	e.Configure("hotclub", map[string]any{"python": "", "parallel": 3, "startMethod": "auto"})
	wantPython(t, w, e, "/from/initialize")

	e.Configure("hotclub", map[string]any{"parallel": "lots"})
	if note := e.WaitMessage("cannot be used"); !strings.Contains(note.Message, `"lots"`) {
		t.Errorf("got %+v", note)
	}
	e.Configure("hotclub", "nonsense")
	if m := e.Call(wire.MethodConfigure, map[string]any{"startMethod": "magic"}); m.Code() != -32602 || !strings.Contains(m.Error.Message, "magic") {
		t.Errorf("got %+v", m)
	}
	w.waitTitle(t, e, "test_pass", "▶ Run")
}

// Each folder of a window may have an interpreter of its own: it holds for the projects in it, however
// they were come upon.
func TestConfigurationOfFolders(t *testing.T) {
	w := newWindow(t, nil)
	other := newProject(t, "api", map[string]string{"tests.py": shop})
	e := w.open(t, lsptest.Options{Folders: []string{w.root, other}})
	discover(t, e)
	waitTree(t, e, "fakeapi//tests.py::CartTests::test_pass", true)
	configure := func(configuration map[string]any) {
		t.Helper()
		if m := e.Call(wire.MethodConfigure, configuration); m.Error != nil {
			t.Fatal(m.Error.Message)
		}
	}
	ran := func() runner.Overrides {
		all := w.engine.Requests()
		return all[len(all)-1].Project
	}
	configure(map[string]any{"python": "/py/all", "settings": "all", "folders": []any{
		map[string]any{"uri": e.URI(other), "python": "/py/api"},
		map[string]any{"uri": e.URI(filepath.Join(w.root, "shop")), "settings": "inner", "startMethod": "spawn"}, // within the project
	}})
	e.Execute("hotclub.run", "fakeapi//")
	if want := (runner.Overrides{Python: "/py/api", Settings: "all"}); ran() != want {
		t.Errorf("got %+v", ran())
	}
	e.Execute("hotclub.run", w.id("test_pass"))
	if want := (runner.Overrides{Python: "/py/all", Settings: "inner", StartMethod: "spawn"}); ran() != want {
		t.Errorf("got %+v", ran())
	}
	configure(map[string]any{"python": "/py/all"}) // replaces all of that
	e.Execute("hotclub.run", "fakeapi//")
	if want := (runner.Overrides{Python: "/py/all"}); ran() != want {
		t.Errorf("got %+v", ran())
	}
	for _, wrong := range []map[string]any{{"uri": "nowhere"}, {"uri": e.URI(other), "startMethod": "magic"}} {
		if m := e.Call(wire.MethodConfigure, map[string]any{"folders": []any{wrong}}); m.Code() != -32602 {
			t.Errorf("%v: got %+v", wrong, m)
		}
	}
}

// wantPython waits until runs have an interpreter: settings are asked for in the background.
func wantPython(t *testing.T, w *window, e *lsptest.Editor, python string) {
	t.Helper()
	for range 1000 {
		e.Execute("hotclub.run", w.id("test_pass"))
		all := w.engine.Requests()
		if last := all[len(all)-1]; last.Project.Python == python {
			if python != "/third" && last.Options.Parallel != 3 {
				t.Errorf("got %+v", last.Options)
			}
			return
		}
	}
	t.Errorf("%s never came", python)
}

// A loop of links neither hangs the look for tests nor doubles them.
func TestSymlinkLoop(t *testing.T) {
	w := newWindow(t, nil)
	if err := os.Symlink(w.root, filepath.Join(w.root, "shop", "loop")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("self", filepath.Join(w.root, "self")); err != nil {
		t.Skip(err)
	}
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	f := waitTree(t, e, w.id("test_pass"), true)
	classes := 0
	for _, item := range f.items {
		if item.Kind == runner.KindClass {
			classes++
		}
	}
	if classes != 1 {
		t.Errorf("got %d classes", classes)
	}
	looped := filepath.Join(w.root, "shop", "loop", "shop", "tests.py")
	e.Open(looped, shop)
	e.Open(filepath.Join(w.root, "self", "tests.py"), shop)
	e.Lenses(looped)
	e.Lenses(filepath.Join(w.root, "self", "tests.py"))
}
