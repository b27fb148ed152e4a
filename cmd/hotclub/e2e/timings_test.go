//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The whole way from the request to the first verdict is in the log, and in the status.
func TestChainOfTimes(t *testing.T) {
	chain := `labels resolved [\d.]+ ms, handed to the engine [\d.]+ ms, .*collected [\d.]+ ms, .*first verdict [\d.]+ ms`
	c := newClub(t, djangos(t)[0].python, "small")
	c.run()
	if status := c.hotclub("status"); !regexp.MustCompile(`(?m)^  last run +` + chain + `$`).MatchString(status.stdout) {
		t.Errorf("not in the status\n%s", status.stdout)
	}
	log, err := os.ReadFile(filepath.Join(c.state, "hotclub", "daemon.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m) msg=run .* timings="` + chain + `"$`).Match(log) {
		t.Errorf("not in the log\n%s", log)
	}
}

// What all pools of a project share, and its last run, stand in the status once.
func TestStatusOfTwoPools(t *testing.T) {
	c := newFaults(t)
	c.plain("--start-method", "fork")
	c.plain("--start-method", "spawn")
	pools := c.status().Projects
	if len(pools) != 2 {
		t.Fatalf("%d pools", len(pools))
	}
	for i, pool := range pools {
		last := i == 1
		if pool.StartMethod != []string{"fork", "spawn"}[i] || (len(pool.Databases) > 0) != last || (len(pool.LastRun) > 0) != last {
			t.Errorf("pool %d: %s, %d databases, last run %v", i, pool.StartMethod, len(pool.Databases), pool.LastRun)
		}
	}
}
