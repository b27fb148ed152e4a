package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

// watched is a terminal report whose live line a test draws itself.
func watched(t *testing.T, columns int) (*story, *Terminal, *bytes.Buffer, func()) {
	t.Helper()
	s := newStory(t)
	settings := s.settings(1)
	settings.TTY, settings.Tick = true, make(chan time.Time)
	settings.Width = func() int { return columns }
	var b bytes.Buffer
	terminal := NewTerminal(&b, settings)
	return s, terminal, &b, func() {
		terminal.mu.Lock()
		defer terminal.mu.Unlock()
		terminal.screen.redraw(terminal.live())
	}
}

func TestLiveLine(t *testing.T) {
	s, terminal, b, draw := watched(t, 100)
	shown := func() string {
		b.Reset()
		draw()
		return strings.TrimPrefix(strings.TrimSuffix(b.String(), eraseLine), lineStart)
	}
	expect := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, shown()); diff != "" {
			t.Errorf("live line (-want +got):\n%s", diff)
		}
	}
	events, tests := s.events(), s.tests()
	expect("⠋ waiting for the run")
	terminal.Handle(runner.Notice{Text: "migrating the template of default"})
	s.clock = s.clock.Add(3 * time.Second)
	expect("⠋ migrating the template of default  3 s")
	terminal.Handle(s.begin())
	expect("⠋ ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0/10  ")
	terminal.Handle(runner.TestStarted{ID: tests[0].ID})
	terminal.Handle(runner.TestStarted{ID: tests[9].ID})
	s.clock = s.clock.Add(4 * time.Second)
	expect("⠋ ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0/10  CartTests.test_empty 4 s, PayTests.test_refused 4 s")
	terminal.Handle(events[4])
	terminal.Handle(events[5])
	expect("⠋ ━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 2/10  1 failed  16 s left  PayTests.test_refused 4 s")
	terminal.Handle(runner.Notice{Text: "a worker died"})
	expect("⠋ ━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 2/10  1 failed  16 s left  a worker died")
	terminal.Handle(s.end())
	if got := shown(); got != "" {
		t.Errorf("after the end the live line is %q", got)
	}
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
}

func TestLiveLineVanishesBeforeOutput(t *testing.T) {
	s, terminal, b, draw := watched(t, 100)
	terminal.Handle(s.begin())
	draw()
	b.Reset()
	terminal.Handle(s.events()[5])
	if got := b.String(); !strings.HasPrefix(got, lineStart+eraseLine+"\nFAIL ") {
		t.Errorf("output begins with %q", got[:min(len(got), 40)])
	}
	draw()
	b.Reset()
	draw()
	if b.Len() > 0 {
		t.Errorf("an unchanged line is drawn again: %q", b.String())
	}
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	if got := b.String(); !strings.Contains(got, "BROKEN OFF") || !strings.Contains(got, "9 tests have no verdict") {
		t.Errorf("a report without an end closes with %q", got)
	}
}

func TestLiveLineFits(t *testing.T) {
	for columns := range 120 {
		s, terminal, _, _ := watched(t, columns)
		terminal.Handle(s.begin())
		for _, test := range s.tests() {
			test.ID += "x"
			terminal.Handle(runner.TestStarted{ID: test.ID + "漢字テスト"})
		}
		if got := terminal.live(); columnsOf(got) > max(0, columns-1) {
			t.Errorf("%d columns: %q takes %d", columns, got, columnsOf(got))
		}
		if err := terminal.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTickDraws(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		terminal := NewTerminal(&b, Settings{TTY: true, Verbosity: 1})
		time.Sleep(time.Second + redrawEvery/2) // of the bubble's clock: no time passes
		synctest.Wait()
		if got := strings.Count(b.String(), lineStart); got != 10 {
			t.Errorf("%d redraws in a second, want 10", got)
		}
		if err := terminal.Close(); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(b.String(), lineStart+eraseLine) {
			t.Errorf("Close leaves %q", b.String())
		}
	})
}

type brokenPipe struct{ writes int }

func (b *brokenPipe) Write([]byte) (int, error) {
	b.writes++
	return 0, errors.New("broken pipe")
}

func TestWriteErrorComesOutOfClose(t *testing.T) {
	s, w := newStory(t), &brokenPipe{}
	terminal := NewTerminal(w, s.settings(2))
	for _, event := range s.events() {
		terminal.Handle(event)
	}
	for range 2 {
		if err := terminal.Close(); err == nil || err.Error() != "printing the report: broken pipe" {
			t.Errorf("Close: %v", err)
		}
	}
	if w.writes != 1 {
		t.Errorf("%d writes to a broken pipe", w.writes)
	}
}
