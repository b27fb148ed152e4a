package worker

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hotclub/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testProject is a small Django project; DJANGO_PYTHON names an interpreter that has Django.
func testProject(t *testing.T) (python, root string) {
	t.Helper()
	python = os.Getenv("DJANGO_PYTHON")
	if python == "" {
		t.Fatal("set DJANGO_PYTHON to an interpreter with Django, as .ci/run does")
	}
	root = t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	return python, root
}

func testHost(t *testing.T) *Host {
	t.Helper()
	dir, err := os.MkdirTemp("", "hc")
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHost(dir, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return h
}

func booted(t *testing.T, h *Host, python, root string) (*Worker, *BootReport) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := h.Spawn(ctx, Settings{Name: "s1", Python: python, Directory: root, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	report, err := w.Boot(ctx, BootParams{Root: root, Directory: root, Manage: filepath.Join(root, "manage.py"), Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	return w, report
}

func TestForkedWorkerRunsAUnit(t *testing.T) {
	python, root := testProject(t)
	h := testHost(t)
	layer, report := booted(t, h, python, root)
	if report.Unsafe != "" || report.Rung != Stream {
		t.Fatalf("unsafe %q, rung %q", report.Unsafe, report.Rung)
	}
	begun := time.Now()
	w, err := layer.Fork(t.Context(), "f1")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("forked in %v", time.Since(begun))
	collection, err := w.Collect(t.Context(), []string{"app.tests.Arithmetic"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(collection.Units) != 1 || len(collection.Units[0].Tests) != 2 {
		t.Fatalf("collected %+v", collection)
	}
	var events []Event
	w.Listen(func(e Event) { events = append(events, e) })
	if _, err := w.Begin(t.Context(), BeginParams{Labels: []string{"app.tests.Arithmetic"}, Rung: Stream}); err != nil {
		t.Fatal(err)
	}
	unit := collection.Units[0]
	_, err = w.Run(t.Context(), RunParams{Labels: []string{unit.Label}, Tests: []string{unit.Tests[0].Label, unit.Tests[1].Label}})
	if err != nil {
		t.Fatal(err)
	}
	var states []runner.State
	for _, event := range events {
		if finished, ok := event.(Finished); ok {
			states = append(states, finished.State)
		}
	}
	if len(states) != 2 || states[0] != runner.Passed || states[1] != runner.Failed {
		t.Fatalf("states %v of events %+v", states, events)
	}
}

func TestDeathIsDescribed(t *testing.T) {
	python, root := testProject(t)
	h := testHost(t)
	layer, _ := booted(t, h, python, root)
	w, err := layer.Fork(t.Context(), "f1")
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("kill", "-SEGV", strconv.Itoa(w.PID)).Run(); err != nil {
		t.Fatal(err)
	}
	_, err = w.Collect(t.Context(), nil, nil)
	if !IsDied(err) {
		t.Fatalf("got %v, want the death of the worker", err)
	}
	if want := "worker f1 was killed by signal 11 (segmentation fault)"; err.Error()[:len(want)] != want {
		t.Errorf("got %q", err)
	}
}
