package oracle

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/dbclone"
)

var update = flag.Bool("update", false, "write the golden files of statements")

// The files in testdata are what is said to the server, by whom and in which order: they are to be
// read by somebody who knows Oracle.
func TestStatementsSaid(t *testing.T) {
	f := newFake()
	e := newEngine(f)
	t.Cleanup(e.Leave)
	draft, template, clone := spot("hcb_owner1_1"), spot("hct_abc_1"), spot("hcc_owner1_2")
	meet := func() {
		_, err := e.Meet(t.Context(), shop, dbclone.Owner{ID: "owner1"})
		ok(t, err)
	}
	golden := func(name string, do func()) {
		t.Helper()
		f.recorded()
		do()
		compareGolden(t, name, f.recorded())
	}
	golden("meet", meet)
	golden("prepare", func() { ok(t, e.Prepare(t.Context(), draft)) })
	f.migrate(t, "HCB_OWNER1_1", "migrated")
	golden("seal", func() {
		_, err := e.Seal(t.Context(), draft)
		ok(t, err)
	})
	golden("publish", func() { ok(t, e.Publish(t.Context(), draft, template)) })
	golden("clone", func() { ok(t, e.Clone(t.Context(), template, clone)) })
	s := &stage{fake: f, Engine: e, template: template, clone: clone}
	s.commits(t, func(*fakeUser) {})
	s.isDirty(t, false)
	golden("dirty_clean", func() { s.isDirty(t, false) })
	s.commits(t, func(u *fakeUser) {
		s.set(u, "NOTES", []string{"1", "changed"})
		s.set(u, "COUNTED", []string{"1", "changed"})
		u.sequences["TICKETS"] = 61
	})
	golden("dirty", func() { s.isDirty(t, true) })
	golden("accept", func() { ok(t, e.Accept(t.Context(), template, clone)) })
	s.commits(t, func(u *fakeUser) { s.rolledBack(u, "COUNTED") })
	golden("dirty_accepted", func() { s.isDirty(t, false) })
	golden("restore", func() { s.restored(t, dbclone.Pristine) })
	golden("capture", func() { ok(t, e.Capture(t.Context(), template, clone, "flushed")) })
	s.commits(t, func(u *fakeUser) { u.addColumn(f, "LINES") })
	golden("restore_anew", func() { s.restored(t, dbclone.Pristine) })
	golden("drop", func() { ok(t, e.Drop(t.Context(), clone)) })
	golden("leave", e.Leave)

	f.granted = append(f.granted, pumpRights...)
	meet()
	golden("clone_datapump", func() { ok(t, e.Clone(t.Context(), template, clone)) })
	e.Leave()
	f.noLocks, f.hidden = true, true
	golden("meet_few_rights", meet)
}

// What TEST says about tablespaces is heeded.
func TestDjangosSettings(t *testing.T) {
	for name, change := range map[string]dbclone.Server{
		"tablespace_given": {"test_create_db": "false", "test_tblspace": "users", "test_tblspace_tmp": "temp", "test_datafile_maxsize": "unlimited"},
		"tablespace_ours":  {"test_datafile": "/u01/hot.dbf", "test_datafile_size": "10M", "test_datafile_extsize": "5M", "test_datafile_maxsize": "200M"},
		"tablespace_omf":   {"test_oracle_managed_files": "true"},
	} {
		f := newFake()
		e := newEngine(f)
		t.Cleanup(e.Leave)
		server := dbclone.Server{}
		for _, from := range []dbclone.Server{shop, change} {
			for key, value := range from {
				server[key] = value
			}
		}
		_, err := e.Meet(t.Context(), server, dbclone.Owner{ID: "owner1"})
		ok(t, err)
		ok(t, e.Prepare(t.Context(), spot("hcb_owner1_1")))
		var said []string
		for _, statement := range f.recorded() {
			if strings.Contains(statement, "CREATE TABLESPACE") || strings.Contains(statement, "CREATE USER") {
				said = append(said, statement)
			}
		}
		compareGolden(t, name, said)
	}
}

// abridged has long statements only once; what follows a statement are its parameters.
func abridged(said []string) string {
	var b strings.Builder
	seen := make(map[string]bool)
	for i, entry := range said {
		if i > 0 {
			b.WriteString("\n")
		}
		statement, parameters, _ := strings.Cut(entry, "\n  -- ")
		first, _, long := strings.Cut(statement, "\n")
		if long && seen[statement] {
			statement = first + "\n  -- and so on, as before"
		}
		seen[statement] = true
		b.WriteString(statement + "\n")
		if parameters != "" {
			b.WriteString("  -- " + parameters + "\n")
		}
	}
	return b.String()
}

var changing = regexp.MustCompile(`, [A-Z2-7]{10}\b|\d{4}-\d\d-\d\dT[0-9:]+Z`)

func compareGolden(t *testing.T, name string, said []string) {
	t.Helper()
	got := abridged(said)
	path := filepath.Join("testdata", name+".sql")
	got = changing.ReplaceAllString(got, "…")
	if *update {
		ok(t, os.MkdirAll("testdata", 0o755))
		ok(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}
