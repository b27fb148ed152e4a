package lspserver_test

import (
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/runner"
)

// An edit that keeps the project from starting is a diagnostic at its line, in any file, as long as
// the line is there and the project does not start. What is known of the tests stays.
func TestBrokenEdit(t *testing.T) {
	w := newWindow(t, nil)
	models, settings := filepath.Join(w.root, "shop", "models.py"), filepath.Join(w.root, "settings.py")
	const text = "import os\n\nclass Item(os.Nothing):\n    pass\n"
	write(t, models, text)
	write(t, settings, "import gone\n")
	e := w.open(t, lsptest.Options{})
	click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run"))
	w.waitTitle(t, e, "test_pass", "▶ Run · ✔")
	broken := func(file string, line int) {
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.BootFailed, Fault: &runner.Message{
			Text: "Traceback …", Summary: "AttributeError: module 'os' has no attribute 'Nothing'",
			Location: &runner.Location{File: file, Line: line},
			Frames: []runner.Frame{
				{Label: "<module>", File: filepath.Join(w.root, "manage.py"), Line: 1, Own: true},
				{Label: "setup", File: "/usr/lib/django.py", Line: 3},
				{Label: "<module>", File: file, Line: line, Own: true},
			},
		}})
	}
	one := func(line int) func([]lsptest.Diagnostic) bool {
		return func(ds []lsptest.Diagnostic) bool { return len(ds) == 1 && ds[0].Range.Start.Line == line }
	}
	none := func(ds []lsptest.Diagnostic) bool { return len(ds) == 0 }

	broken(models, 3)
	found := e.WaitDiagnostics(models, one(2))[0]
	if found.Source != "hotclub" || !strings.HasPrefix(found.Message, "AttributeError: module 'os' has no attribute 'Nothing'\n") || len(found.Related) != 2 {
		t.Errorf("got %+v", found)
	}
	e.Open(models, text)
	e.Replace(models, "import os\n", "import os\nimport sys\n")
	e.WaitDiagnostics(models, one(3)) // it moves with its line
	e.Replace(models, "os.Nothing", "os.PathLike")
	e.WaitDiagnostics(models, none) // and goes with it
	e.Replace(models, "os.PathLike", "os.Nothing")
	e.WaitDiagnostics(models, one(3))
	w.waitTitle(t, e, "test_pass", "▶ Run · ✔")

	broken(settings, 1) // another fault is in its place
	e.WaitDiagnostics(settings, one(0))
	e.WaitDiagnostics(models, none)
	w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.Booted, Generation: "g2"})
	e.WaitDiagnostics(settings, none)
	if got := heard(e, "window/showMessage"); got != 0 {
		t.Errorf("%d messages for what is shown at its line", got)
	}
}

// Why a project does not start is said where no line of the project is to blame.
func TestFaultWithoutALine(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for range 2 {
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.BootFailed, Fault: &runner.Message{Text: "no interpreter"}})
	}
	e.WaitMessage("no interpreter")
	w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.BootFailed, Fault: &runner.Message{Text: "no Django"}})
	e.WaitMessage("no Django")
	if got := heard(e, "window/showMessage"); got > 2 {
		t.Errorf("%d messages, want each once", got)
	}
}
