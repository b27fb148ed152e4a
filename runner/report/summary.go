package report

import (
	"fmt"
	"strings"

	"hotclub/runner"
)

// summary ends the report: what was slow, what to run again, and last, where the eye
// rests, one line that says how the run ended.
func (t *Terminal) summary(event runner.RunFinished) {
	p := t.page()
	t.timings(p, event.Timings)
	t.slowest(p)
	if t.settings.Verbosity >= 1 {
		t.again(p)
	}
	bad := event.Failed || event.Outcome != runner.Completed && !event.Unaffected
	if started := t.run.started; started != nil && started.ShuffleSeed != nil && (bad || t.settings.Verbosity >= 1) {
		p.line(fmt.Sprintf("Used shuffle seed: %d", *started.ShuffleSeed))
	}
	if event.Comparison != nil {
		for i, sentence := range event.Comparison.Sentences() {
			if i > 0 {
				sentence = indent + sentence
			}
			p.line(clean(sentence, false))
		}
	}
	t.ending(p, event)
	t.screen.paragraph(p.String())
}

// ending is the last line, with the error below it where there is one.
func (t *Terminal) ending(p *page, event runner.RunFinished) {
	switch event.Outcome {
	case runner.NothingSelected:
		if event.Unaffected {
			p.line(p.paint(green, "Nothing to run."))
			break
		}
		p.line(p.paint(yellow, "No tests matched."))
	case runner.CancelledRun:
		p.line(p.paint(yellow+";"+bold, "CANCELLED"), "  ", t.soFar(event))
	case runner.ErrorRun:
		what := "the run could not be carried out"
		if event.ProjectError {
			what = "the project could not be started"
		}
		if t.run.total() > 0 {
			what += "; " + t.soFar(event)
		}
		p.line(p.paint(boldRed, "ERROR"), "  ", what)
	default:
		word, style, remark := completed(event, t.run.withoutVerdict())
		p.line(p.paint(style, word), "  ", t.countWords(event.Counts, event.ClassErrors), t.inOn(event), remark)
	}
	if text := strings.TrimSpace(clean(event.Error, false)); text != "" {
		for _, line := range lines(text) {
			p.line(strings.TrimRight(indent+line, " "))
		}
	}
}

// completed words the end of a run that went its way. The project's own runner decides
// whether it failed; where that surprises, the line says so.
func completed(event runner.RunFinished, silent int) (word, style, remark string) {
	bad := event.ClassErrors
	for state, n := range event.Counts {
		if state.Bad() {
			bad += n
		}
	}
	switch {
	case event.Failed && bad == 0:
		return "FAILED", boldRed, ": no test failed, but the project's test runner calls it a failure"
	case event.Failed:
		return "FAILED", boldRed, ""
	case bad > 0:
		return "ACCEPTED", yellow, ": tests failed, but the project's test runner calls it a success"
	case silent > 0:
		return "INCOMPLETE", yellow, ""
	}
	return "OK", okay, ""
}

// soFar words a run that did not reach its end.
func (t *Terminal) soFar(event runner.RunFinished) string {
	counts := make(map[runner.State]int, len(event.Counts))
	for state, n := range event.Counts {
		if state != runner.Cancelled && state != runner.NotRun {
			counts[state] = n
		}
	}
	text := t.countWords(counts, event.ClassErrors) + t.inOn(event)
	if missing := t.run.withoutVerdict(); missing > 0 {
		have := "have"
		if missing == 1 {
			have = "has"
		}
		text += fmt.Sprintf("; %d of %s %s no verdict", missing, count(t.run.total(), "test", "tests"), have)
	}
	return text
}

// countWords counts by state: "291 passed, 2 failed, 3 skipped".
func (t *Terminal) countWords(counts map[runner.State]int, classErrors int) string {
	var words []string
	for _, s := range stateWords {
		if n := counts[s.state]; n > 0 {
			words = append(words, t.palette.paint(statusStyles[s.state], fmt.Sprintf("%d %s", n, s.words)))
		}
	}
	if classErrors > 0 {
		text := count(classErrors, "class or module errored", "classes or modules errored")
		words = append(words, t.palette.paint(boldRed, text))
	}
	if len(words) == 0 {
		return "no test ran"
	}
	return strings.Join(words, ", ")
}

func (t *Terminal) inOn(event runner.RunFinished) string {
	text := " in " + duration(event.DurationMs)
	if t.run.started != nil && t.run.started.Workers > 0 {
		text += " on " + crew(*t.run.started)
	}
	return text
}

// brokenOff is the end of a report whose run never told its own.
func (t *Terminal) brokenOff() {
	p := t.page()
	missing := count(t.run.withoutVerdict(), "test has", "tests have")
	p.line(p.paint(boldRed, "BROKEN OFF"), "  the connection to the run ended before the run did; ", missing, " no verdict")
	t.screen.paragraph(p.String())
}
