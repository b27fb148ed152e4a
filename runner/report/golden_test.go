package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/NAME.golden; root is not the same on every machine.
func golden(t *testing.T, name, root, got string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the golden files hold slashes")
	}
	got = strings.ReplaceAll(got, root, "/ROOT")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./runner/report -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func play(t *testing.T, reporter Reporter, events ...runner.Event) {
	t.Helper()
	for _, event := range events {
		reporter.Handle(event)
	}
	if err := reporter.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestGoldenTerminal(t *testing.T) {
	for name, adapt := range map[string]func(*Settings){
		"terminal-v0": func(s *Settings) { s.Verbosity = 0 },
		"terminal-v1": func(s *Settings) {},
		"terminal-v2": func(s *Settings) { s.Verbosity, s.Durations = 2, 2 },
		"terminal-v3": func(s *Settings) { s.Verbosity, s.Durations = 3, -1 },
		"terminal-color": func(s *Settings) {
			s.Verbosity, s.Color = 2, true
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			settings := s.settings(1)
			adapt(&settings)
			var b bytes.Buffer
			play(t, NewTerminal(&b, settings), s.events()...)
			golden(t, name, s.root, b.String())
		})
	}
}

func TestGoldenJSON(t *testing.T) {
	s := newStory(t)
	var b bytes.Buffer
	play(t, NewJSON(&b), s.events()...)
	golden(t, "json", s.root, b.String())
}

func TestGoldenJUnit(t *testing.T) {
	s := newStory(t)
	file := filepath.Join(t.TempDir(), "out", "junit.xml")
	j := NewJUnit(file, s.root)
	j.now = s.now
	play(t, j, s.events()...)
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "junit", s.root, string(got))
}
