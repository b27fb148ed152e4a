//go:build linux

package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

// likeDjango is a test of an item that is all Python: the classes of the tour that are named
// after it have the verdicts which manage.py test gives them.
func likeDjango(classes ...string) func(t *testing.T, s *stage) {
	return func(t *testing.T, s *stage) {
		t.Helper()
		told, want := s.tour(t), s.original.ran(t)
		for _, class := range classes {
			compared := 0
			for label, test := range want.Tests {
				if !named(label, class) {
					continue
				}
				compared++
				if got := told.tests[label]; got.State != test.State {
					t.Errorf("%s is %s, in Django %s\n%s", label, got.State, test.State, text(got))
				}
			}
			if compared == 0 {
				t.Errorf("Django runs no test of %s", class)
			}
		}
	}
}

// passes is likeDjango for tests that must pass in both.
func passes(classes ...string) func(t *testing.T, s *stage) {
	return func(t *testing.T, s *stage) {
		t.Helper()
		likeDjango(classes...)(t, s)
		for label, got := range s.tour(t).tests {
			if slices.ContainsFunc(classes, func(class string) bool { return named(label, class) }) && got.State != runner.Passed {
				t.Errorf("%s is %s\n%s", label, got.State, text(got))
			}
		}
	}
}

// named reports whether a label is of a test in the class of that name.
func named(label, class string) bool { return slices.Contains(strings.Split(label, "."), class) }

// text is all that was said about a test.
func text(l line) string {
	var all strings.Builder
	for _, m := range l.Messages {
		all.WriteString(m.Text)
	}
	return all.String() + l.Reason + l.Output
}

// order lists the labels of a story as they were concluded; with one worker, as they ran.
func (s story) order() []string {
	labels := []string{}
	for _, l := range s.lines {
		if l.Event == "test" && l.Kind == runner.KindTest {
			labels = append(labels, l.Label)
		}
	}
	return labels
}

// only returns the one test of a story whose label ends with, or else contains, a text.
func (s story) only(t *testing.T, part string) line {
	t.Helper()
	var found []line
	for label, l := range s.tests {
		if strings.HasSuffix(label, part) {
			return l
		}
		if strings.Contains(label, part) {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d tests are called %s; status %d\n%s", len(found), part, s.status, s.stderr)
	}
	return found[0]
}

// started is the first line of a run in full.
type started struct {
	Event       string   `json:"event"`
	Workers     int      `json:"workers"`
	StartMethod string   `json:"startMethod"`
	ShuffleSeed *int64   `json:"shuffleSeed"`
	Databases   []string `json:"databases"`
}

func wantStatus(t *testing.T, s story, want int) {
	t.Helper()
	if s.status != want {
		t.Errorf("status %d, want %d\n%s", s.status, want, s.stderr)
	}
}

func wantContains(t *testing.T, what, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%s lacks %q:\n%s", what, part, text)
	}
}

func wantEqual[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func seedText(n int64) string { return strconv.FormatInt(n, 10) }
