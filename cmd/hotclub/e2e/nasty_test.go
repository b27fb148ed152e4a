//go:build linux

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/runner"
)

// nastyLimit is the time limit for each test of the nasty suite: long for the innocent, short
// for those that hang.
const nastyLimit = "1.5s"

// TestNasty runs testdata/nasty, where each test does something that it should not do, and
// holds the verdicts against testdata/nasty.golden.
func TestNasty(t *testing.T) {
	want := readGolden(t, "nasty.golden")
	eachDjango(t, func(t *testing.T, d django) {
		t.Parallel()
		for _, method := range methodsOn(t, d) {
			t.Run(method, func(t *testing.T) {
				c := newClub(t, d.python, "nasty")
				for _, workers := range []string{"1", "2"} {
					s := c.run("--start-method", method, "-n", workers, "--timeout", nastyLimit)
					for _, fault := range want.faults(s) {
						t.Errorf("%s workers: %.1000s", workers, fault)
					}
					if s.status != 1 {
						t.Errorf("%s workers: status %d\n%s", workers, s.status, s.stderr)
					}
					c.noStrangers()
				}
			})
		}
	})
}

// golden is the verdicts that are expected, by label.
//
// A line of the file is "label | state | phase: phrase | phase: phrase": the messages, in order,
// with something that occurs in each. Instead of a phase there may be "reason", "output" for the
// whole output ("…" for any; that of a passed test is empty otherwise), and "…" for more messages. A label may stand for a "class" or a "file".
type golden map[string]verdict

type verdict struct {
	state    runner.State
	messages [][2]string // phase and phrase
	reason   string
	output   string
	more     bool
}

func readGolden(t *testing.T, name string) golden {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	g := make(golden)
	for row := range strings.Lines(string(text)) {
		row = strings.TrimSpace(row)
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		parts := strings.Split(row, " | ")
		v := verdict{state: runner.State(parts[1])}
		for _, part := range parts[2:] {
			v.add(part)
		}
		g[parts[0]] = v
	}
	return g
}

func (v *verdict) add(part string) {
	name, phrase, _ := strings.Cut(part, ": ")
	switch name {
	case "…":
		v.more = true
	case "reason":
		v.reason = phrase
	case "output":
		v.output = strings.ReplaceAll(phrase, `\n`, "\n")
	default:
		v.messages = append(v.messages, [2]string{name, phrase})
	}
}

// faults lists where a run differs from what is expected.
func (g golden) faults(s story) []string {
	var faults []string
	seen := make(map[string]bool)
	for _, l := range s.lines {
		if l.Event != "test" {
			continue
		}
		label := strings.ReplaceAll(l.Label, "\n", `\n`)
		if l.Kind != runner.KindTest {
			label = string(l.Kind) + " " + label
		}
		want, known := g[label]
		if !known || seen[label] {
			faults = append(faults, fmt.Sprintf("%s: unexpected: %s %s", label, l.State, told(l)))
			continue
		}
		seen[label] = true
		for _, fault := range want.faults(l) {
			faults = append(faults, label+": "+fault)
		}
	}
	for label := range g {
		if !seen[label] {
			faults = append(faults, label+": no verdict")
		}
	}
	return faults
}

// tooMuch is more than anybody wants to read of one test, in bytes.
const tooMuch = 256 << 10

func (v verdict) faults(l line) []string {
	var faults []string
	if l.State != v.state {
		faults = append(faults, fmt.Sprintf("%s instead of %s: %s", l.State, v.state, told(l)))
	}
	if !strings.Contains(l.Reason, v.reason) {
		faults = append(faults, fmt.Sprintf("reason %q without %q", l.Reason, v.reason))
	}
	if got := strings.TrimSpace(l.Output); v.output != "…" && (v.output != "" || l.State == runner.Passed) && got != v.output {
		faults = append(faults, fmt.Sprintf("output %.200q instead of %q", got, v.output))
	}
	if len(l.Messages) < len(v.messages) || len(l.Messages) > len(v.messages) && !v.more {
		return append(faults, fmt.Sprintf("%d messages instead of %d: %s", len(l.Messages), len(v.messages), told(l)))
	}
	if size := len(l.Reason) + len(told(l)); size > tooMuch {
		faults = append(faults, fmt.Sprintf("it says %d bytes", size))
	}
	for i, want := range v.messages {
		got := l.Messages[i]
		if string(got.Phase) != want[0] || !strings.Contains(got.Summary+"\n"+got.Text, want[1]) {
			faults = append(faults, fmt.Sprintf("message %d without %v: %s", i, want, told(l)))
		}
	}
	return faults
}

// told is what a verdict says, for people.
func told(l line) string {
	var b strings.Builder
	for _, m := range l.Messages {
		fmt.Fprintf(&b, "\n\t%s: %s", m.Phase, m.Text)
	}
	return b.String()
}
