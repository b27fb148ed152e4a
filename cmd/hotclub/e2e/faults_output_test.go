//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"hotclub/runner"
)

// TestFloodIsBounded lets tests print 200 MB where 2 MB are allowed.
func TestFloodIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 2 << 20
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("hotclub.toml", "output-limit = \"2MB\"\n")
		o := c.begin("--start-method", method, "tests.test_flood")
		c.awaitSign("flooded")
		c.smallOnDisk(limit) // while it runs
		c.write("signs/go", "")
		o.await("the end of the second flood", func(l line) bool { return strings.HasSuffix(l.Label, "test_2_floods") })
		s := o.story()
		if s.finished.Counts[runner.Passed] != 3 || s.status != 0 {
			t.Errorf("status %d, %v", s.status, s.states())
		}
		for _, name := range []string{"test_1_floods_and_holds", "test_2_floods"} {
			output := s.tests["tests.test_flood.Flood."+name].Output
			if !strings.HasPrefix(output, "the first words\nzzz") || !strings.HasSuffix(output, "zzz\nthe last words\n") {
				t.Errorf("%s: %.100q … %.100q", name, output, output[max(0, len(output)-100):])
			}
			if !strings.Contains(output, " bytes left out …") || len(output) > 256<<10 || strings.ContainsRune(output, 0) {
				t.Errorf("%s: %d bytes", name, len(output))
			}
		}
		if output := s.tests["tests.test_flood.Flood.test_3_holds"].Output; output != "only mine\n" {
			t.Errorf("the test after the floods printed %.100q", output)
		}
	})
}

// TestFinishedFloodIsBounded looks at the disk when another test has begun since.
func TestFinishedFloodIsBounded(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("hotclub.toml", "output-limit = \"64KB\"\n")
	o := c.begin("tests.test_flood.Flood.test_2_floods", "tests.test_flood.Flood.test_3_holds")
	c.awaitSign("after")
	c.smallOnDisk(64 << 10)
	c.release()
	output := o.story().tests["tests.test_flood.Flood.test_2_floods"].Output
	if !strings.HasPrefix(output, "the first words\n") || !strings.HasSuffix(output, "the last words\n") || strings.ContainsRune(output, 0) {
		t.Errorf("%.100q … %.100q", output, output[max(0, len(output)-100):])
	}
}

// smallOnDisk waits until the captured output takes no more of the disk than a few tests may.
func (c *club) smallOnDisk(limit int64) {
	c.t.Helper()
	eventually(c.t, "a captured output of bounded size", func() bool {
		files, _ := filepath.Glob(filepath.Join(c.runtime, "w-*", "*.out"))
		var used, length int64
		for _, file := range files {
			info, err := os.Stat(file)
			if err != nil {
				continue
			}
			length += info.Size()
			used += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return length > 200<<20 && used < 2*limit
	})
}
