package lspserver

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hotclub/runner"
	"hotclub/runner/history"
	"hotclub/runner/project"
)

// titleLength is how many characters of a failure a lens shows.
const titleLength = 60

// titled makes the titles of lenses, which carry the last verdicts.
type titled struct {
	activity *activity
	project  *project.Project
	since    func(runner.Item) (since time.Time, saved bool) // when the text of a test became what it is
	broken   *runner.Message                                 // why the file cannot be imported, nil when it can
}

// past is the last verdict of a test, and whether its text has changed since. That of a file which
// cannot be imported is the verdict of every test in it.
func (t titled) past(item runner.Item) (past history.Past, stale, ok bool) {
	if t.broken != nil {
		return unimportable(*t.broken), false, true
	}
	if past, ok = t.project.History.Past(item.Label); !ok {
		return past, false, false
	}
	since, saved := t.since(item)
	return past, !saved || since.After(past.At), true
}

func unimportable(why runner.Message) history.Past {
	return history.Past{Verdict: runner.Verdict{State: runner.Errored, Messages: []runner.Message{why}}, At: time.Now()}
}

// test is the title of one test.
func (t titled) test(item runner.Item) string {
	const run = "▶ Run"
	switch t.activity.of(item.ID) {
	case runner.Started:
		return run + " · … running"
	case runner.Queued:
		return run + " · … queued"
	}
	past, stale, ok := t.past(item)
	if !ok {
		if item.Disabled != "" {
			return run + " · ○ " + shorten(item.Disabled)
		}
		return run
	}
	text := verdictTitle(past)
	if stale {
		text = "↻ stale, was " + text
	}
	return run + " · " + text
}

func verdictTitle(past history.Past) string {
	text := outcomeTitle(past)
	if past.Queries == 1 {
		return text + " · 1 query"
	}
	if past.Queries > 1 {
		return fmt.Sprintf("%s · %d queries", text, past.Queries)
	}
	return text
}

func outcomeTitle(past history.Past) string {
	switch past.State {
	case runner.Passed:
		return "✔ " + milliseconds(past.DurationMs)
	case runner.Skipped:
		return "○ " + shorten(cmp.Or(past.Reason, "skipped"))
	case runner.XFailed:
		return "✔ failed as expected · " + milliseconds(past.DurationMs)
	case runner.XPassed:
		return "✘ passed unexpectedly"
	}
	return "✘ " + shorten(summary(past.Verdict))
}

// summary is a verdict that was bad in one line.
func summary(verdict runner.Verdict) string {
	for _, m := range verdict.Messages {
		text := cmp.Or(m.Summary, m.Text)
		text = strings.TrimPrefix(strings.TrimSpace(text), "AssertionError: ")
		if line, _, _ := strings.Cut(text, "\n"); line != "" {
			return line
		}
	}
	return string(verdict.State)
}

// failed reports whether the last verdict of any of some tests was bad.
func (t titled) failed(items []runner.Item) bool {
	for i := range items {
		if !isTest(&items[i]) {
			continue
		}
		if past, _, ok := t.past(items[i]); ok && past.State.Bad() {
			return true
		}
	}
	return false
}

// group is the title of something with these items inside.
func (t titled) group(run string, items []runner.Item) string {
	counts := make(map[runner.State]int)
	total, known, stale, busy := 0, 0, false, 0
	took := 0.0
	for i := range items {
		test := &items[i]
		if !isTest(test) {
			continue
		}
		total++
		if t.activity.of(test.ID) != "" {
			busy++
		}
		past, old, ok := t.past(*test)
		if !ok {
			continue
		}
		known++
		stale = stale || old
		counts[past.State]++
		took += past.DurationMs
	}
	failed := counts[runner.Failed] + counts[runner.Errored] + counts[runner.XPassed]
	switch {
	case busy > 0:
		return fmt.Sprintf("%s · … running %d", run, busy)
	case known == 0:
		return run
	case failed > 0:
		return fmt.Sprintf("%s · %s✘ %d of %d failed", run, again(stale), failed, total)
	case known < total:
		return fmt.Sprintf("%s · %s✔ %d of %d", run, again(stale), known, total)
	}
	return fmt.Sprintf("%s · %s✔ %d · %s", run, again(stale), known, milliseconds(took))
}

func again(stale bool) string {
	if stale {
		return "↻ stale, was "
	}
	return ""
}

func milliseconds(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > titleLength {
		return string(runes[:titleLength-1]) + "…"
	}
	return text
}
