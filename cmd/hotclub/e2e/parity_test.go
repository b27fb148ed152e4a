//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotclub/runner"
)

// suite is a test suite made ready by .ci/suites/fetch.
type suite struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	Django    string   `json:"django"`
	Python    string   `json:"python"`
	Directory string   `json:"directory"`
	Labels    []string `json:"labels"`
	Pip       []string `json:"pip"`
}

// reference is what .ci/suites/reference.py recorded of a serial manage.py test.
type reference struct {
	Exit  int `json:"exit"`
	Tests map[string]struct {
		State runner.State `json:"state"`
	} `json:"tests"`
	Fixtures map[string]runner.State `json:"fixtures"`
}

const suiteScripts = "../../../.ci/suites"

// Every verdict equals that of the serial manage.py test, however the workers start and however
// many there are. The example is compared unless HOTCLUB_PARITY names third-party suites of
// .ci/suites/suites.json, with commas between them, or "all" of them.
func TestParity(t *testing.T) {
	asked := os.Getenv("HOTCLUB_PARITY")
	if asked == "" {
		eachDjango(t, func(t *testing.T, d django) {
			t.Parallel()
			parity(t, d.python, copyOf(t, "../../../examples/bookshop"), nil, nil)
		})
		return
	}
	for i, name := range slices.Collect(strings.SplitSeq(asked, ",")) {
		suites := fetched(t, name)
		at := i % len(suites) // the versions of Django take turns
		if asked != "all" {
			suites = unlessEverything(suites[at:at+1], suites)
		}
		thirdParty(t, suites)
	}
}

func thirdParty(t *testing.T, suites []suite) {
	for _, s := range suites {
		t.Run(fmt.Sprintf("%s-%s/django%s", s.Name, s.Version, s.Django), func(t *testing.T) {
			python := script(t, "venv", append([]string{s.Python, s.Django}, s.Pip...)...)
			parity(t, strings.TrimSpace(python), s.Directory, s.Labels, known(t, s.Name))
		})
	}
}

// known are the differences of a suite that have a reason, by patterns of labels.
func known(t *testing.T, suite string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(suiteScripts, "differences.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all[suite]
}

func copyOf(t *testing.T, from string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), filepath.Base(from))
	if err := os.CopyFS(root, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return root
}

func fetched(t *testing.T, asked string) []suite {
	t.Helper()
	args := []string{"--json"}
	if asked != "all" {
		args = append(args, asked)
	}
	var suites []suite
	if err := json.Unmarshal([]byte(script(t, "fetch", args...)), &suites); err != nil {
		t.Fatal(err)
	}
	return suites
}

func script(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(suiteScripts, name), args...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return string(output)
}

// parity compares a suite's verdicts, for each way to run it.
func parity(t *testing.T, python, root string, labels []string, known map[string]string) {
	want := record(t, python, root, labels)
	eachMethod(t, func(t *testing.T, method string) {
		c := newClubAt(t, python, root)
		numbers := []string{"1", "4"}
		if method == "spawn" {
			numbers = []string{"2"}
		}
		for _, workers := range unlessEverything(numbers, []string{"1", "2", "4"}) {
			got := c.run(append([]string{"--start-method", method, "-n", workers}, labels...)...)
			for _, difference := range compare(want, got, known) {
				t.Errorf("%s workers: %s", workers, difference)
			}
			if t.Failed() {
				t.Logf("%s\n%s", got.finished.Error, got.stderr)
				return
			}
		}
	})
}

// record runs the suite serially, with nothing of ours.
func record(t *testing.T, python, root string, labels []string) reference {
	t.Helper()
	r, output := recorded(t, python, root, labels, nil)
	if len(r.Tests) == 0 {
		t.Fatalf("the reference ran no test\n%s", output)
	}
	return r
}

// recorded is what a serial run said, of no test where the project does not start; env is added to
// the environment.
func recorded(t *testing.T, python, root string, labels, env []string) (reference, []byte) {
	t.Helper()
	recorder, err := filepath.Abs(filepath.Join(suiteScripts, "reference.py"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "reference.json")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, python, append([]string{recorder, out, "--", "manage.py", "test", "--noinput"}, labels...)...)
	command.Dir = root
	command.Env = append(os.Environ(), env...)
	output, _ := command.CombinedOutput() // its status is that of the suite
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("no reference: %v\n%s", err, output)
	}
	var r reference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r, output
}

// compare lists the differences between a run and its reference, but for those that are known.
func compare(want reference, got story, known map[string]string) []string {
	var differences []string
	states := got.states()
	excused := false
	for _, label := range slices.Sorted(maps.Keys(want.Tests)) {
		state := want.Tests[label].State
		actual := states[label]
		switch {
		case actual == state:
		case isKnown(known, label):
			excused = true
		default:
			differences = append(differences, fmt.Sprintf("%s: manage.py test says %s, hotclub %q%s", label, state, actual, why(got.tests[label])))
		}
	}
	for _, label := range slices.Sorted(maps.Keys(states)) {
		if _, ran := want.Tests[label]; !ran && states[label] != want.state(label) {
			differences = append(differences, fmt.Sprintf("%s: hotclub says %s, manage.py test never ran it", label, states[label]))
		}
	}
	if (want.Exit != 0) != (got.status != 0) && !excused {
		differences = append(differences, fmt.Sprintf("exit status %d, manage.py test's was %d", got.status, want.Exit))
	}
	return differences
}

func isKnown(known map[string]string, label string) bool {
	for pattern := range known {
		if matched, err := path.Match(pattern, label); err == nil && matched {
			return true
		}
	}
	return false
}

func why(l line) string {
	if len(l.Messages) == 0 {
		return ""
	}
	return "\n" + l.Messages[0].Text
}

// state is the verdict of a test, or that of the class or module above it that could not be set up:
// Django counts that once and does not name the tests under it.
func (r reference) state(label string) runner.State {
	if test, ran := r.Tests[label]; ran {
		return test.State
	}
	for fixture, state := range r.Fixtures {
		_, name, _ := strings.Cut(strings.TrimSuffix(fixture, ")"), "(")
		if strings.HasPrefix(label, name+".") {
			return state
		}
	}
	return ""
}
