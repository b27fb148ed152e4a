package affected

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// What differs from a revision counts beside what has changed since the tests ran.
func TestSinceARevision(t *testing.T) {
	d := recorded(t)
	git := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", d.root, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, output)
		}
	}
	d.affected()
	d.write("shop/cart.py", "LIMIT = 3\n\ndef total():\n    return 0\n\ndef tax():\n    return 2\n")
	d.write("shop/gone.py", "")
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "one")
	d.write("shop/cart.py", project["shop/cart.py"]) // as it was when the tests ran
	d.write("shop/tests/test_b.py", "")
	since := func(revision string) map[string]string {
		t.Helper()
		decision := d.store.Decide()
		if err := decision.Since(t.Context(), revision); err != nil {
			t.Fatal(err)
		}
		reasons := make(map[string]string)
		for _, label := range []string{"A", "B", "C"} {
			if why := decision.Reason(label); why != "" {
				reasons[label] = why
			}
		}
		return reasons
	}
	module := "shop/tests/test_b.py changed at module level"
	if got := since("HEAD"); !mapsEqual(got, map[string]string{"A": "shop/cart.py: total changed", "B": module, "C": module}) {
		t.Errorf("got %v", got)
	}
	git("commit", "-q", "-a", "-m", "two")
	if got := since("HEAD"); !mapsEqual(got, map[string]string{"B": module, "C": module}) {
		t.Errorf("got %v", got)
	}
	if err := os.Remove(d.path("shop/gone.py")); err != nil {
		t.Fatal(err)
	}
	if got := since("HEAD")["A"]; got != "shop/gone.py is gone since HEAD" {
		t.Errorf("got %q", got)
	}
	for revision, want := range map[string]string{"nothing-of-that-name": "name a commit", "--output=x": "is no revision of git"} {
		if err := d.store.Decide().Since(t.Context(), revision); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", revision, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if err := d.store.Decide().Since(t.Context(), "HEAD"); err == nil || !strings.Contains(err.Error(), "needs git") {
		t.Errorf("got %v", err)
	}
}

func TestOutsideOfGit(t *testing.T) {
	d := recorded(t)
	t.Setenv("GIT_CEILING_DIRECTORIES", d.root)
	if err := d.store.Decide().Since(t.Context(), "HEAD"); err == nil || !strings.Contains(err.Error(), "leave the revision out") && !strings.Contains(err.Error(), "leave it out") {
		t.Errorf("got %v", err)
	}
}
