package explain

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"hotclub/runner"
	"hotclub/runner/history"
)

// Test is where one test stands, and why.
type Test struct {
	ID       runner.TestID `json:"id"`
	Label    string        `json:"label"`
	Origin   string        `json:"origin"`             // how it was found
	Disabled string        `json:"disabled,omitempty"` // why it will be skipped
	Broken   string        `json:"broken,omitempty"`   // why its file cannot be imported
	Now      runner.State  `json:"now,omitempty"`      // in a run that goes on: queued or started
	Last     *Last         `json:"last,omitempty"`     // absent: it has never run
	Current  bool          `json:"current"`            // the last verdict is about what is on the disk, as far as is known
	Stale    []Reason      `json:"stale,omitempty"`    // why it is not
	Asked    string        `json:"asked,omitempty"`    // what the last run of the project asked for, and whether that has the test
	Affected string        `json:"affected,omitempty"` // why a run of what an edit affects has it, or has it not
}

// Last is the last verdict of a test.
type Last struct {
	State      runner.State `json:"state"`
	Reason     string       `json:"reason,omitempty"`
	Summary    string       `json:"summary,omitempty"` // of what went wrong
	DurationMs float64      `json:"durationMs,omitempty"`
	At         time.Time    `json:"at"`
	Worker     string       `json:"worker,omitempty"`
	Generation string       `json:"generation,omitempty"`
	Cold       bool         `json:"cold,omitempty"`
}

// Reason is why a verdict is not about what is on the disk: a file, or words where none is known.
type Reason struct {
	runner.Cause
	Text string `json:"text"`
}

// Known is what a test is explained by.
type Known struct {
	Root     string
	Pool     *runner.ProjectStatus // nil where the project has none
	Stale    *runner.Cause         // what has changed since the pool's generation was booted
	Running  runner.State          // of the test, in a run that goes on
	Past     *history.Past         // nil for a test that has never run
	Changed  bool                  // the text of the test has changed since
	Last     *runner.Selection     // of the project's last run
	Affected string                // why a run of what an edit affects has it, or has it not
}

// About explains a test.
func About(item runner.Item, known Known) Test {
	test := Test{
		ID: item.ID, Label: item.Label, Origin: origin(item), Disabled: item.Disabled, Now: known.Running, Affected: known.Affected,
	}
	if item.Error != nil {
		test.Broken = item.Error.Text
	}
	if known.Last != nil {
		test.Asked = asked(*known.Last, item)
	}
	if known.Past == nil {
		return test
	}
	past := known.Past
	test.Last = &Last{
		State: past.State, Reason: past.Reason, DurationMs: past.DurationMs, At: past.At,
		Worker: past.Worker, Generation: past.Generation, Cold: past.Cold,
	}
	for _, m := range past.Messages {
		if test.Last.Summary == "" {
			test.Last.Summary, _, _ = strings.Cut(strings.TrimSpace(cmp.Or(m.Summary, m.Text)), "\n")
		}
	}
	test.Stale = known.stale(item)
	test.Current = len(test.Stale) == 0
	return test
}

// stale lists why the last verdict is not about what is on the disk.
func (k Known) stale(item runner.Item) (reasons []Reason) {
	because := func(cause runner.Cause) {
		reasons = append(reasons, Reason{cause, Cause(k.Root, cause)})
	}
	if _, err := os.Stat(item.File); item.File != "" && err != nil {
		because(runner.Cause{File: item.File, Rule: "is gone"})
	} else if k.Changed {
		because(runner.Cause{File: item.File, Rule: "changed"})
	}
	generation := k.Past.Generation
	switch {
	case generation == "":
	case k.Pool == nil || k.Pool.Generation == "" && len(k.Pool.Changes) == 0:
		reasons = append(reasons, Reason{Text: "nothing is warm, so that nobody has kept what changed since"})
	case k.Pool.Generation == generation:
		if k.Stale != nil {
			because(*k.Stale)
		}
	default:
		reasons = append(reasons, k.since(generation))
	}
	return reasons
}

// since tells what ended a generation.
func (k Known) since(generation string) Reason {
	for _, change := range slices.Backward(k.Pool.Changes) {
		switch {
		case change.Kind != runner.Invalidated || change.Generation != generation:
		case change.Cause != nil:
			return Reason{*change.Cause, Cause(k.Root, *change.Cause)}
		default:
			return Reason{Text: "generation " + generation + " ended: " + change.Reason}
		}
	}
	text := "it is of generation " + generation + ", which ended before what is remembered"
	if k.Pool.Generation != "" {
		text += "; " + k.Pool.Generation + " is warm now"
	}
	return Reason{Text: text}
}

func origin(item runner.Item) string {
	switch {
	case item.Fidelity == runner.Collected && item.Dynamic:
		return "found by the project's own loader; its text alone does not tell of it (inherited, generated or made by load_tests)"
	case item.Fidelity == runner.Collected:
		return "found in the text and by the project's own loader"
	case item.Dynamic:
		return "read off a text, but a load_tests or a base class decides"
	}
	return "read off the text; no worker has collected it yet"
}

// asked tells what a run asked for, and whether that has the item.
func asked(s runner.Selection, item runner.Item) string {
	var words []string
	words = append(words, s.Labels...)
	for _, id := range s.IDs {
		_, name, _ := strings.Cut(string(id), "//")
		words = append(words, name)
	}
	for _, filter := range []struct {
		flag   string
		values []string
	}{{"-k", s.Patterns}, {"--tag", s.Tags}, {"--exclude-tag", s.ExcludeTags}} {
		for _, value := range filter.values {
			words = append(words, filter.flag+" "+value)
		}
	}
	if s.Failed {
		words = append(words, "--failed")
	}
	if len(words) == 0 {
		return "everything, which has it"
	}
	text := strings.Join(words, " ")
	switch named := len(s.Labels) + len(s.IDs); {
	case named > 0 && !names(s, item):
		return text + ", which does not have it"
	case s.Filters() || s.Failed:
		return text + ", which may have it"
	}
	return text + ", which has it"
}

func names(s runner.Selection, item runner.Item) bool {
	for _, label := range s.Labels {
		if item.Label == label || strings.HasPrefix(item.Label, label+".") || strings.ContainsRune(label, '/') && strings.HasPrefix(item.File, label) {
			return true
		}
	}
	return len(s.IDs) > 0 && s.Chooses(item.ID)
}

// Sentences put a test into words.
func (t Test) Sentences(now time.Time) []string {
	lines := []string{t.Label + ": " + t.Origin}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if t.Disabled != "" {
		add("It is skipped: %s.", t.Disabled)
	}
	if t.Broken != "" {
		add("Its file cannot be imported: %s", t.Broken)
	}
	if t.Now != "" {
		add("It is %s in a run that goes on.", t.Now)
	}
	switch {
	case t.Last == nil:
		add("It has never run.")
	default:
		add("It last ran at %s: %s.", Clock(t.Last.At, now), t.Last.words())
		add("%s", t.freshness())
	}
	if t.Asked != "" {
		add("The last run of the project asked for %s.", t.Asked)
	}
	if t.Affected != "" {
		add("%s", t.Affected)
	}
	return lines
}

func (t Test) freshness() string {
	if t.Current {
		return "The verdict is about what is on the disk: its text is as it was, and so is all that its generation has read."
	}
	texts := make([]string, len(t.Stale))
	for i, reason := range t.Stale {
		texts[i] = reason.Text
	}
	return "The verdict is stale: " + strings.Join(texts, "; ") + "."
}

func (l Last) words() string {
	text := string(l.State)
	if why := cmp.Or(l.Reason, l.Summary); why != "" {
		text += " (" + why + ")"
	}
	if l.DurationMs > 0 {
		text += " in " + milliseconds(l.DurationMs)
	}
	if l.Cold {
		return text + ", without anything warm"
	}
	if l.Worker != "" {
		text += fmt.Sprintf(", on worker %s of generation %s", l.Worker, l.Generation)
	}
	return text
}

func milliseconds(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return Duration(ms)
}

// Line is a test in one line, for a list of them.
func (t Test) Line(now time.Time) string {
	switch {
	case t.Last == nil:
		return t.Label + ": never run"
	case t.Current:
		return fmt.Sprintf("%s: %s at %s", t.Label, t.Last.State, Clock(t.Last.At, now))
	}
	return fmt.Sprintf("%s: %s at %s, stale: %s", t.Label, t.Last.State, Clock(t.Last.At, now), t.Stale[0].Text)
}
