package report

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func draw(edits []edit) string {
	var b strings.Builder
	for _, e := range edits {
		b.WriteString(string(e.op) + e.text + "\n")
	}
	return b.String()
}

func TestDiffLines(t *testing.T) {
	got := draw(diffLines(strings.Split("abcdef", ""), strings.Split("axcdyef", "")))
	if diff := cmp.Diff(" a\n-b\n+x\n c\n d\n+y\n e\n f\n", got); diff != "" {
		t.Error(diff)
	}
}

// Whatever the texts: without its insertions a diff is the expected one, without its
// deletions the actual one.
func TestDiffRestoresBothTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() []string {
		text := make([]string, random.IntN(12))
		for i := range text {
			text[i] = string(rune('a' + random.IntN(4)))
		}
		return text
	}
	for range 2000 {
		a, b := text(), text()
		var expected, actual []string
		for _, e := range diffLines(a, b) {
			if e.op != '+' {
				expected = append(expected, e.text)
			}
			if e.op != '-' {
				actual = append(actual, e.text)
			}
		}
		if strings.Join(expected, "") != strings.Join(a, "") || strings.Join(actual, "") != strings.Join(b, "") {
			t.Fatalf("the diff of %q and %q gives %q and %q", a, b, expected, actual)
		}
	}
}

func TestHugeDiffIsNotCompared(t *testing.T) {
	a, b := make([]string, 3000), make([]string, 3000)
	for i := range a {
		a[i], b[i] = "a", "b"
	}
	if got := len(diffLines(a, b)); got != 6000 {
		t.Errorf("%d edits, want 6000", got)
	}
}

func TestFold(t *testing.T) {
	a := strings.Split("abcdefghij", "")
	b := strings.Split("abcdeXghij", "")
	want := "…4 equal lines\n e\n-f\n+X\n g\n…3 equal lines\n"
	if diff := cmp.Diff(want, draw(fold(diffLines(a, b), 1))); diff != "" {
		t.Error(diff)
	}
}

func TestComparison(t *testing.T) {
	for name, test := range map[string]struct{ expected, actual, want string }{
		"short":     {"3", "4", "  - expected  3\n  + actual    4\n"},
		"same text": {"1", "1", "  expected and actual print alike:\n    1\n"},
		"one empty": {"", "x", "  - expected  \n  + actual    x\n"},
		"lines":     {"a\nb\n", "a\n", "  - expected  + actual\n    a\n  - b\n"},
	} {
		p := &page{}
		p.comparison(test.expected, test.actual)
		if diff := cmp.Diff(test.want, p.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLongDiffIsCut(t *testing.T) {
	p := &page{}
	p.comparison(strings.Repeat("a\n", 100), strings.Repeat("b\n", 100))
	if got := p.String(); strings.Count(got, "\n") != manyEdits+2 || !strings.Contains(got, "… 120 more lines, -v 2 shows all") {
		t.Errorf("got:\n%s", got)
	}
}

func TestExcerpt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.py")
	if err := os.WriteFile(file, []byte("one\n\n\tthree \n\t\tfour\x1b[2J\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	want := []sourceLine{{2, ""}, {3, "three"}, {4, "    four"}}
	if diff := cmp.Diff(want, excerpt(file, 4, 2), cmp.AllowUnexported(sourceLine{})); diff != "" {
		t.Error(diff)
	}
	for _, line := range []int{0, -3, 5, 900} {
		if got := excerpt(file, line, 2); got != nil {
			t.Errorf("line %d of a file of 4 gives %v", line, got)
		}
	}
	if got := excerpt(filepath.Dir(file), 1, 2); got != nil {
		t.Errorf("a directory gives %v", got)
	}
}
