package sqlite

import (
	"context"
	"os"
	"testing"

	"hotclub/dbclone"
)

// ours builds like the helper, without waiting, and counts.
func ours(builds *int) dbclone.Build {
	return func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		*builds++
		return dbclone.Built{}, os.WriteFile(places[0].Path, madeUp("built"), 0o600)
	}
}

// Case 1: what it built until it was killed is used by nobody, and swept.
func TestKilledBuilder(t *testing.T) {
	dir, builds := t.TempDir(), 0
	builder := start(t, dir)
	builder.says("asking")
	builder.says("building")
	m := open(t, dir)
	if got := databases(t, dir, "building"); len(got) == 0 {
		t.Fatal("what a live builder builds was swept")
	}
	builder.kill()
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schema}, ours(&builds))
	if err != nil {
		t.Fatal(err)
	}
	if builds != 1 {
		t.Errorf("%d builds: the killed one must not count", builds)
	}
	report, err := m.Sweep(t.Context())
	if err != nil || report.Unfinished != 1 || len(report.Owners) != 1 {
		t.Errorf("swept %+v, %v", report, err)
	}
	if report.Owners[0].PID != builder.cmd.Process.Pid {
		t.Errorf("owner %+v", report.Owners[0])
	}
	if got := databases(t, dir, "building"); len(got) > 0 {
		t.Errorf("left of the killed builder: %q", got)
	}
	if _, err := m.Lease(t.Context(), templates[0], "w1"); err != nil {
		t.Error(err)
	}
}

// Case 2.
func TestTwoProcessesBuildOnce(t *testing.T) {
	dir := t.TempDir()
	one := start(t, dir)
	one.says("asking")
	one.says("building")
	two := start(t, dir)
	two.says("asking")
	one.goOn()
	name := one.says("leased")
	// It would say "building" first if it built, and wait for input that never comes.
	if got := two.says("leased"); got != name {
		t.Errorf("two templates: %s and %s", name, got)
	}
	builds := 0
	m := open(t, dir)
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schema}, ours(&builds))
	if err != nil || builds != 0 || templates[0].Name() != name {
		t.Errorf("%d builds, %v", builds, err)
	}
}

// Case 39: the clones of the killed are swept, those of the living and the template stay.
func TestKilledLeaseholder(t *testing.T) {
	dir, builds := t.TempDir(), 0
	dead := start(t, dir)
	dead.says("asking")
	dead.says("building")
	dead.goOn()
	dead.says("leased")
	alive := start(t, dir)
	alive.says("asking")
	alive.says("leased")
	m := open(t, dir)
	if got := databases(t, dir, "clones"); len(got) != 8 { // each with its record
		t.Fatalf("clones of the living were swept: %q", got)
	}
	dead.kill()
	report, err := m.Sweep(t.Context())
	if err != nil || report.Clones != 2 || len(report.Owners) != 1 {
		t.Errorf("swept %+v, %v", report, err)
	}
	if got := databases(t, dir, "clones"); len(got) != 4 {
		t.Errorf("clones %q", got)
	}
	if err := m.Forget(t.Context(), schema.Project); err != nil {
		t.Error(err)
	}
	if _, err := m.Templates(t.Context(), []dbclone.Schema{schema}, ours(&builds)); err != nil || builds != 0 {
		t.Errorf("a template that another process uses was dropped: %d builds, %v", builds, err)
	}
}
