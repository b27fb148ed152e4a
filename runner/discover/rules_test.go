package discover

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hotclub/runner"
)

var update = flag.Bool("update", false, "write what is found into the archives of testdata")

// plant writes a project: "name: text" pairs, or the files of an archive.
func plant(t testing.TB, files []txtar.File) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		put(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
	}
	return root
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func scanned(t testing.TB, root string) *Catalog {
	t.Helper()
	c := Open(Place{Key: "k", Root: root})
	if err := c.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// Each archive of testdata/rules is a project, the tree of its tests, and where that differs
// from what Django collects, which is asked where DJANGO_PYTHON names an interpreter.
func TestRules(t *testing.T) {
	archives, err := filepath.Glob("testdata/rules/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { rules(t, path) })
	}
}

func rules(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var files []txtar.File
	want := make(map[string]string)
	for _, f := range archive.Files {
		if f.Name == "want" || f.Name == "differs" {
			want[f.Name] = string(f.Data)
		} else {
			files = append(files, f)
		}
	}
	root := plant(t, files)
	c := scanned(t, root)
	_, items := c.Items()
	consistent(t, items)
	got := map[string]string{"want": drawing(items)}
	if python := os.Getenv("DJANGO_PYTHON"); python != "" {
		got["differs"] = differences(t, c, python, root)
	} else {
		t.Log("not compared with Django: DJANGO_PYTHON names no interpreter")
		got["differs"] = want["differs"]
	}
	if *update {
		archive.Files = append(files, txtar.File{Name: "want", Data: []byte(got["want"])}, txtar.File{Name: "differs", Data: []byte(got["differs"])})
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// differences lists where the tree and Django's collection are not the same.
func differences(t *testing.T, c *Catalog, python, root string) string {
	put(t, filepath.Join(root, "manage.py"), `import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "rule_settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`)
	put(t, filepath.Join(root, "rule_settings.py"), "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_URL = 's/'\n")
	collection, _ := collect(t, python, root, nil)
	for file, message := range collection.Errors {
		t.Errorf("%s: %s", file, message.Text)
	}
	found := make(map[runner.TestID]runner.Test)
	for _, unit := range collection.Units {
		found[unit.Tests[0].ID] = unit.Tests[0]
	}
	var lines []string
	_, items := c.Items()
	for _, item := range items {
		if item.Kind != runner.KindTest {
			continue
		}
		test, ok := found[item.ID]
		delete(found, item.ID)
		switch {
		case !ok && item.Dynamic:
			lines = append(lines, "dynamic "+string(item.ID)[3:])
		case !ok:
			lines = append(lines, "invented "+string(item.ID)[3:])
		case !slices.Equal(test.Tags, item.Tags):
			lines = append(lines, fmt.Sprintf("tags %s: %q", item.ID[3:], test.Tags))
		case test.Label != item.Label:
			lines = append(lines, fmt.Sprintf("label %s: %s", item.ID[3:], test.Label))
		}
	}
	for id := range found {
		lines = append(lines, "missed "+string(id)[3:])
	}
	slices.Sort(lines)
	text := ""
	for _, line := range lines {
		text += line + "\n"
	}
	return text
}

// drawing writes items so that people can read them.
func drawing(items []runner.Item) string {
	var b strings.Builder
	for _, item := range items {
		switch item.Kind {
		case runner.KindProject:
			continue
		case runner.KindClass:
			b.WriteString("  " + item.Name)
		case runner.KindTest, runner.KindCase:
			b.WriteString("    " + item.Name)
		default:
			b.WriteString(string(item.ID)[3:])
		}
		if item.Kind != runner.KindDir {
			fmt.Fprintf(&b, " %d-%d", item.Range.First, item.Range.Last)
		}
		for _, each := range []string{item.Base, strings.Join(item.Tags, ","), marks(item)} {
			if each != "" {
				b.WriteString(" " + each)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func marks(item runner.Item) string {
	var marks []string
	if item.Kind == runner.KindCase {
		marks = append(marks, "case")
	}
	if item.Dynamic {
		marks = append(marks, "dynamic")
	}
	if item.Fidelity == runner.Collected {
		marks = append(marks, "collected")
	}
	if item.Disabled != "" {
		marks = append(marks, "{"+item.Disabled+"}")
	}
	if item.Error != nil {
		marks = append(marks, "error: "+item.Error.Summary)
	}
	return strings.Join(marks, " ")
}
