package explain

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"hotclub/runner"
)

// Entry is what became of a project's workers at some time, in words.
type Entry struct {
	At         time.Time     `json:"at"`
	Text       string        `json:"text"`
	Ended      string        `json:"ended,omitempty"`      // the generation that ended
	Generation string        `json:"generation,omitempty"` // the one that came
	Cause      *runner.Cause `json:"cause,omitempty"`
	Reason     string        `json:"reason,omitempty"` // where no file is the cause
	TookMs     float64       `json:"tookMs,omitempty"` // of the boot
	Base       bool          `json:"base,omitempty"`   // it had the third-party imports already
	Failed     bool          `json:"failed,omitempty"` // the project did not start

	boot bool // it tells of a boot, or of what led to one
	open bool // of one that goes on
}

// Restart reports whether the entry tells of a project that was started, or should have been.
func (e *Entry) Restart() bool { return e.boot }

// Journal tells the steps of a pool, newest first. What belongs together is one entry: a generation
// that ended, and the boot of the next.
func Journal(root string, changes []runner.PoolChange) []Entry {
	told := teller{root: root}
	for _, change := range changes {
		told.tell(change)
	}
	newest := make([]Entry, len(told.entries))
	for i, entry := range told.entries {
		newest[len(newest)-1-i] = entry
	}
	return newest
}

// teller makes entries of steps, oldest first.
type teller struct {
	root    string
	entries []Entry
}

func (t *teller) tell(change runner.PoolChange) {
	why := t.why(change)
	switch change.Kind {
	case runner.Invalidated:
		entry := t.add(change, fmt.Sprintf("generation %s ended: %s", change.Generation, why))
		entry.Ended, entry.Generation, entry.boot, entry.open = change.Generation, "", true, true
	case runner.Booting:
		if boot := t.boot(); boot == nil || !boot.open {
			entry := t.add(change, "the project started")
			if why != "" {
				entry.Text = "the project started: " + why
			}
			entry.boot, entry.open = true, true
		}
	case runner.Superseded:
		t.of(change).Text += fmt.Sprintf("; begun again: %s", why)
	case runner.Booted:
		boot := t.of(change)
		boot.Text += fmt.Sprintf("; %s booted in %s%s", change.Generation, Duration(change.TookMs), imports(change))
		boot.Generation, boot.TookMs, boot.Base, boot.open = change.Generation, change.TookMs, change.Base, false
	case runner.WorkersReady:
		if boot := t.boot(); boot != nil && boot.Generation == change.Generation {
			boot.Text += fmt.Sprintf(", the first worker was ready after %s", Duration(change.TookMs))
		}
	case runner.BootFailed:
		boot := t.of(change)
		boot.Text += "; it does not start: " + t.fault(change.Fault)
		boot.Failed, boot.open = true, false
	case runner.WorkerLost:
		t.add(change, "a worker that had loaded tests ended: "+why)
	case runner.BaseReady:
		t.add(change, "the third-party imports are kept: an edit costs the project's own imports alone")
	case runner.BaseRefused:
		t.add(change, "every start imports everything: "+change.Reason)
	case runner.PoolEnded:
		t.add(change, "all workers ended")
	}
}

func (t *teller) add(change runner.PoolChange, text string) *Entry {
	t.entries = append(t.entries, Entry{
		At: change.At, Text: text, Generation: change.Generation, Cause: change.Cause, Reason: change.Reason,
	})
	return &t.entries[len(t.entries)-1]
}

// boot is the latest entry about a boot, nil for none.
func (t *teller) boot() *Entry {
	for i := len(t.entries) - 1; i >= 0; i-- {
		if t.entries[i].boot {
			return &t.entries[i]
		}
	}
	return nil
}

// of is the entry of the boot that goes on; its beginning may be forgotten.
func (t *teller) of(change runner.PoolChange) *Entry {
	if boot := t.boot(); boot != nil && boot.open {
		return boot
	}
	entry := t.add(change, "the project started")
	entry.boot, entry.open = true, true
	return entry
}

func (t *teller) why(change runner.PoolChange) string {
	if change.Cause != nil {
		return Cause(t.root, *change.Cause)
	}
	return change.Reason
}

func (t *teller) fault(m *runner.Message) string {
	if m == nil {
		return "no reason is known"
	}
	text := m.Summary
	if text == "" {
		text, _, _ = strings.Cut(strings.TrimSpace(m.Text), "\n")
	}
	if at := m.Location; at != nil {
		text += fmt.Sprintf(" (%s:%d)", within(t.root, at.File), at.Line)
	}
	return text
}

func imports(change runner.PoolChange) string {
	switch {
	case change.Base && change.From != "":
		return " with the third-party imports of " + change.From
	case change.Base:
		return " with the third-party imports that were there"
	}
	return ""
}

// Cause words why something is stale, with the file as it is called within a project.
func Cause(root string, cause runner.Cause) string {
	return within(root, cause.File) + " " + cause.Rule
}

// within names a file of a project by its place in it.
func within(root, file string) string {
	if rel, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return file
}

// Duration words milliseconds: "38 ms", "0.18 s", "12.3 s".
func Duration(ms float64) string {
	switch {
	case ms < 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 10_000:
		return fmt.Sprintf("%.2f s", ms/1000)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

// Clock is a time of today, or another day's with its date.
func Clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format(time.TimeOnly)
	}
	return at.Format(time.DateTime)
}
