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
