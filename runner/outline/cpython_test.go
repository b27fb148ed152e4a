package outline

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/dump.py
var dump string

// found is what both parsers say of one definition.
type found struct {
	Kind       Kind
	Path       string // "Outer.inner"
	Line       int
	FirstLine  int
	EndLine    int
	Decorators int
}

// CPython's own parser is the judge, over its standard library and what lies beside it.
// PYROOT names another folder.
func TestAgainstCPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	files := sources(t, python)
	cmd := exec.Command(python, "-c", dump)
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	definitions, imports := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var want struct {
			File      string
			Defs      []found
			Imports   []Import
			Functions []bodied
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		compare(t, want.File, want.Defs)
		compareImports(t, want.File, want.Imports)
		compareParts(t, want.File, want.Functions)
		definitions += len(want.Defs)
		imports += len(want.Imports)
	}
	t.Logf("%d definitions and %d imports in %d files", definitions, imports, len(files))
	if definitions < 10_000 || imports < 1_000 {
		t.Errorf("only %d definitions and %d imports were compared", definitions, imports)
	}
}

// sources lists the Python files to compare, the tests of Python itself included: they
// hold the oddest code there is.
func sources(t *testing.T, python string) (files []string) {
	root := os.Getenv("PYROOT")
	if root == "" {
		out, err := exec.Command(python, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
		if err != nil {
			t.Fatal(err)
		}
		root = strings.TrimSpace(string(out))
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "site-packages" && path != root {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".py") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() && len(files) > 200 {
		files = files[:200]
	}
	return files
}

func compare(t *testing.T, file string, want []found) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	expected := make(map[found]bool, len(want))
	for _, w := range want {
		expected[w] = true
	}
	for _, g := range scanned(src) {
		if !expected[g] {
			t.Errorf("%s:%d: not in CPython's: %+v", file, g.Line+1, g)
		}
		delete(expected, g)
	}
	for w := range expected {
		t.Errorf("%s:%d: missing: %+v", file, w.Line+1, w)
	}
}

func compareImports(t *testing.T, file string, want []Import) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := Read(src, -1).Imports
	for i := range got {
		got[i].Optional, got[i].Never = false, false
	}
	// CPython lists the branches of a try in another order.
	byLine := func(a, b Import) int { return a.Line - b.Line }
	slices.SortStableFunc(want, byLine)
	slices.SortStableFunc(got, byLine)
	if !slices.Equal(got, want) {
		t.Errorf("%s: imports differ:\n got %+v\nwant %+v", file, got, want)
	}
}

func scanned(src []byte) (list []found) {
	defs := Scan(src)
	for _, d := range defs {
		path := d.Name
		for p := d.Parent; p >= 0; p = defs[p].Parent {
			path = defs[p].Name + "." + path
		}
		list = append(list, found{d.Kind, path, d.Line, d.FirstLine, d.EndLine, len(d.Decorators)})
	}
	return list
}
