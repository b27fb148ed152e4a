package dbclone_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/dbclone"
)

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is: %v", err, want)
	}
}

// rewrite edits the record of the only template there is.
func rewrite(t *testing.T, dir string, edit func(string) string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "templates", "*", "*", "template.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("records %q, %v", found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(found[0], []byte(edit(string(data))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsThatAreNotOurs(t *testing.T) {
	for name, test := range map[string]struct {
		edit  func(string) string
		swept int
	}{
		"damaged":          {func(r string) string { return r[:len(r)/2] }, 1},
		"empty":            {func(string) string { return "" }, 1},
		"of a new format":  {func(r string) string { return strings.Replace(r, `"format": 2`, `"format": 3`, 1) }, 0},
		"of an old format": {func(r string) string { return strings.Replace(r, `"format": 2`, `"format": 1`, 1) }, 0},
		"other schema":     {func(r string) string { return strings.Replace(r, `"key": "k1"`, `"key": "k9"`, 1) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir, s := t.TempDir(), newServer()
			m := open(t, dir, s)
			wanted := []dbclone.Schema{schemaOf("k1")}
			first, err := m.Templates(t.Context(), wanted, s.builds(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			rewrite(t, dir, test.edit)
			m = open(t, dir, s)
			folders, _ := filepath.Glob(filepath.Join(dir, "templates", "p1", "*", "template.json"))
			if len(folders) != 1-test.swept {
				t.Errorf("after opening there are %q", folders)
			}
			second, err := m.Templates(t.Context(), wanted, s.builds(t))
			if err != nil || second[0].Name() == first[0].Name() {
				t.Errorf("it was used: %v", err)
			}
		})
	}
}

func TestSchemasThatCannotBe(t *testing.T) {
	s := newServer()
	m := open(t, t.TempDir(), s)
	for name, change := range map[string]func(*dbclone.Schema){
		"project is a path":  func(s *dbclone.Schema) { s.Project = "../p1" },
		"project is missing": func(s *dbclone.Schema) { s.Project = "" },
		"project too long":   func(s *dbclone.Schema) { s.Project = strings.Repeat("p", 65) },
		"alias is missing":   func(s *dbclone.Schema) { s.Alias = "" },
		"key is missing":     func(s *dbclone.Schema) { s.Key = "" },
		"engine is unknown":  func(s *dbclone.Schema) { s.Engine = "oracle" },
	} {
		schema := schemaOf("k1")
		change(&schema)
		if _, err := m.Templates(t.Context(), []dbclone.Schema{schema}, s.builds(t)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestInputsHaveToBeAbsolute(t *testing.T) {
	s := newServer()
	m := open(t, t.TempDir(), s)
	_, err := m.Templates(t.Context(), []dbclone.Schema{schemaOf("k1")}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		_, _ = s.builds(t)(ctx, places)
		return dbclone.Built{Inputs: []dbclone.Input{{Path: "manage.py"}}}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "manage.py") {
		t.Errorf("got %v", err)
	}
	if got := s.names(); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
}
