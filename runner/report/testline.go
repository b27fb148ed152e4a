package report

import (
	"fmt"

	"hotclub/runner"
)

// testLine is the line of a test that did not fail, with what it printed below.
func (p *page) testLine(r result) {
	state := r.verdict.State
	took := ""
	if r.verdict.DurationMs > 0 {
		took = duration(r.verdict.DurationMs)
	}
	p.WriteString(p.paint(statusStyles[state], fmt.Sprintf("%-6s", statusWords[state])))
	p.WriteString(p.paint(dim, fmt.Sprintf(" %9s  ", took)))
	p.WriteString(oneLine(r.label))
	if n := r.verdict.Queries; n > 0 {
		p.WriteString(p.paint(dim, "  ("+count(n, "query", "queries")+")"))
	}
	if reason := reasonOf(r.verdict); reason != "" {
		p.WriteString(p.paint(dim, "  "+reason))
	}
	p.line()
	p.notes(r)
	p.frame("output", r.output, 20, 80)
}

// reasonOf is why a test was skipped or not run, or how it failed as expected.
func reasonOf(verdict runner.Verdict) string {
	if verdict.Reason == "" && len(verdict.Messages) > 0 {
		return oneLine(verdict.Messages[0].Summary)
	}
	return oneLine(verdict.Reason)
}

// notes shows the SQL that --debug-sql brings for passing tests too at this verbosity.
func (p *page) notes(r result) {
	for _, message := range r.verdict.Messages {
		p.frame("SQL", message.SQL, 40, 40)
	}
}
