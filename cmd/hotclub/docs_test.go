package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var pythonBlock = regexp.MustCompile("(?ms)^```python\n(.*?)^```$")

// The client that docs/editor-authors.md shows works as it stands.
func TestClientOfTheDocument(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to run the client with")
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "editor-authors.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := pythonBlock.FindAllSubmatch(page, -1)
	if len(blocks) != 1 {
		t.Fatalf("the document has %d clients, want 1", len(blocks))
	}
	s := newShell(t)
	client := filepath.Join(t.TempDir(), "client.py")
	if err := os.WriteFile(client, blocks[0][1], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, run := range []struct {
		label  string
		status int
		want   []string
	}{
		{"pass", 0, []string{"passed tests.Tests.pass 1.5 ms", "completed {'passed': 1}"}},
		{"fail", 1, []string{"failed tests.Tests.fail 1.5 ms", "AssertionError: 3 != 4", "completed {'failed': 1}"}},
		{"broken", 1, []string{"error {} settings do not import"}},
		{"nowhere/test_cart.py", 1, []string{"nowhere/test_cart.py: no such file"}},
	} {
		cmd := exec.Command(python, client, run.label)
		cmd.Env, cmd.Dir = s.env, s.dir
		out, err := cmd.CombinedOutput()
		if failure, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			t.Fatal(err)
		} else if got := status(failure); got != run.status {
			t.Errorf("%s: exit status %d, want %d", run.label, got, run.status)
		}
		for _, want := range run.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: %q is not in\n%s", run.label, want, out)
			}
		}
	}
}

func status(failure *exec.ExitError) int {
	if failure == nil {
		return 0
	}
	return failure.ExitCode()
}
