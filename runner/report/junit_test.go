package report

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hotclub/runner"
)

// written plays events into a JUnit file and reads it as a build server would.
func written(t *testing.T, events ...runner.Event) xmlRun {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "junit.xml")
	play(t, NewJUnit(file, dir), events...)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var run xmlRun
	if err := xml.Unmarshal(content, &run); err != nil {
		t.Fatalf("the file does not parse: %v\n%s", err, content)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	return run
}

func TestJUnitCountsAddUp(t *testing.T) {
	run := written(t, newStory(t).events()...)
	var sum xmlCounts
	for _, suite := range run.Suites {
		var own xmlCounts
		for _, c := range suite.Cases {
			own.count(c)
			sum.count(c)
		}
		if own != suite.xmlCounts {
			t.Errorf("%s says %+v and has %+v", suite.Name, suite.xmlCounts, own)
		}
	}
	if sum != run.xmlCounts || sum != (xmlCounts{Tests: 11, Failures: 4, Errors: 4, Skipped: 2}) {
		t.Errorf("the file says %+v and has %+v", run.xmlCounts, sum)
	}
}

func TestJUnitHoldsAnyText(t *testing.T) {
	nasty := "]]> <&\"' \x00\x01\x1b[31m\xff\ufffe\r\nend"
	test := runner.Test{ID: "1", Label: "m.C.t" + nasty, Name: "t" + nasty, Module: "m", Class: "C"}
	verdict := runner.Verdict{State: runner.Failed, Messages: []runner.Message{{Text: nasty, Summary: nasty}}}
	run := written(t,
		runner.RunStarted{Tests: []runner.Test{test}},
		runner.TestFinished{Test: test, Verdict: verdict, Output: nasty},
		runner.RunFinished{Outcome: runner.Completed},
	)
	c := run.Suites[0].Cases[0]
	if want := "]]> <&\"' \ufffd\ufffd\nend"; c.Output.Text != want || c.Failure.Text != want+"\n" {
		t.Errorf("output %q, failure %q, want %q", c.Output.Text, c.Failure.Text, want)
	}
	if want := "]]> <&\"' \ufffd\ufffd end"; c.Failure.Message != want || c.Name != "t"+want {
		t.Errorf("message %q, name %q, want %q", c.Failure.Message, c.Name, want)
	}
}

func TestJUnitOfAnUnfinishedRunIsNotGreen(t *testing.T) {
	s := newStory(t)
	passed := runner.TestFinished{Test: s.tests()[0], Verdict: runner.Verdict{State: runner.Passed}}
	for name, test := range map[string]struct {
		events  []runner.Event
		skipped int
		message string
	}{
		"cancelled": {
			[]runner.Event{s.begin(), passed, runner.RunFinished{Outcome: runner.CancelledRun}},
			9, "the run was cancelled",
		},
		"error":       {[]runner.Event{runner.RunFinished{Outcome: runner.ErrorRun, Error: "no python\nat all"}}, 0, "the run could not be carried out: no python"},
		"broken off":  {[]runner.Event{s.begin(), passed}, 9, "the connection to the run ended before the run did"},
		"never begun": {nil, 0, "the connection to the run ended before the run did"},
	} {
		run := written(t, test.events...)
		if run.Errors != 1 || run.Skipped != test.skipped {
			t.Errorf("%s: %+v", name, run.xmlCounts)
		}
		last := run.Suites[len(run.Suites)-1].Cases[0]
		if last.Error == nil || last.Error.Message != test.message || last.Class != "hotclub" {
			t.Errorf("%s: the last test case is %+v", name, last)
		}
	}
	if run := written(t, runner.RunFinished{Outcome: runner.NothingSelected}); run.xmlCounts != (xmlCounts{}) {
		t.Errorf("nothing selected: %+v", run.xmlCounts)
	}
}

func TestJUnitSkips(t *testing.T) {
	for state, want := range map[runner.State]string{
		runner.Skipped: "why", runner.Cancelled: "cancelled: why", runner.NotRun: "not run: why", runner.XFailed: "failed as expected: why",
	} {
		if got := skipped(runner.Verdict{State: state, Reason: "why"}); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

func TestJUnitFileThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	err := NewJUnit(dir, "").Close()
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "--junit FILE") {
		t.Errorf("a directory in its place: %v", err)
	}
	if left, _ := filepath.Glob(dir + "*.tmp"); left != nil {
		t.Errorf("left behind: %v", left)
	}
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		return // no directory is closed to them
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	err = NewJUnit(filepath.Join(dir, "junit.xml"), "").Close()
	if err == nil || !strings.Contains(err.Error(), "make "+dir+" writable") {
		t.Errorf("a read-only directory: %v", err)
	}
}

func TestJUnitFollowsALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.xml"), filepath.Join(dir, "link.xml")
	if err := os.WriteFile(target, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	play(t, NewJUnit(link, ""))
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
	if content, err := os.ReadFile(target); err != nil || len(content) == 0 {
		t.Errorf("the target has %d bytes, %v", len(content), err)
	}
}
