package discover

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hotclub/runner"
	"hotclub/runner/discover/discovertest"
)

func TestWorkspace(t *testing.T) {
	root := t.TempDir()
	if _, err := discovertest.Workspace(root, 25); err != nil {
		t.Fatal(err)
	}
	if n := countTests(scanned(t, root)); n != 250 {
		t.Errorf("%d tests in 25 files", n)
	}
}

func countTests(c *Catalog) (tests int) {
	_, items := c.Items()
	for _, item := range items {
		if item.Kind == runner.KindTest {
			tests++
		}
	}
	return tests
}

// A thousand files with ten tests each.
func workspace(t testing.TB) (root string, files []string) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files, err = discovertest.Workspace(root, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return root, files
}

func opened(t testing.TB, root string) *Catalog {
	c := Open(Place{Key: "k", Root: root})
	if err := c.Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := countTests(c); n != 10_000 {
		t.Fatalf("%d tests", n)
	}
	return c
}

// BenchmarkScan is the first look at 10,000 tests in 1,000 files: at most 0.5 s.
func BenchmarkScan(b *testing.B) {
	root, _ := workspace(b)
	for b.Loop() {
		if err := Open(Place{Key: "k", Root: root}).Scan(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScanAgain is a look at the same when nothing has changed.
func BenchmarkScanAgain(b *testing.B) {
	root, _ := workspace(b)
	c := opened(b, root)
	for b.Loop() {
		if err := c.Scan(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSaved is the save of one file among 1,000: at most 5 ms.
func BenchmarkSaved(b *testing.B) {
	root, files := workspace(b)
	c := opened(b, root)
	text, err := os.ReadFile(files[500])
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	measure(b, func() {
		n++
		more := fmt.Sprintf("%s\n    def test_new_%d(self): pass\n", text, n)
		if err := os.WriteFile(files[500], []byte(more), 0o644); err != nil {
			b.Fatal(err)
		}
	}, func() { c.Saved(files[500]) })
}

// BenchmarkSavedBase is the save of the class that all others inherit from.
func BenchmarkSavedBase(b *testing.B) {
	root, _ := workspace(b)
	c := opened(b, root)
	path := filepath.Join(root, "common/cases.py")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	measure(b, func() {
		n++
		if err := os.WriteFile(path, fmt.Appendf(slices.Clone(text), "\n    def test_new_%d(self): pass\n", n), 0o644); err != nil {
			b.Fatal(err)
		}
	}, func() { c.Saved(path) })
}

// BenchmarkText is a keystroke in a file of 5,000 lines: p95 at most 5 ms.
func BenchmarkText(b *testing.B) {
	root, files := workspace(b)
	c := opened(b, root)
	text := discovertest.Module(5000)
	b.Logf("%d lines, %d items", bytes.Count(text, []byte("\n")), len(c.Text(files[0], text, -1)))
	half := len(text) / 2
	var typed []byte
	n := 0
	measure(b, func() {
		n++
		typed = slices.Concat(text[:half], []byte("\"\"\"x("[:n%6]), text[half:])
	}, func() { c.Text(files[0], typed, half+n%6) })
}

// measure reports the 95th percentile too.
func measure(b *testing.B, prepare, run func()) {
	var times []time.Duration
	for b.Loop() {
		b.StopTimer()
		prepare()
		b.StartTimer()
		start := time.Now()
		run()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
}
