package report

import (
	"fmt"

	"hotclub/runner"
)

// timings tells, at verbosity 3, what stood between the request and the first verdict.
func (t *Terminal) timings(p *page, timings []runner.Timing) {
	if t.settings.Verbosity < 3 || len(timings) == 0 {
		return
	}
	p.line(p.paint(bold, "From request to first verdict:"))
	for _, timing := range timings {
		p.line(fmt.Sprintf("%*s  ", durationColumns, duration(timing.Ms)), oneLine(timing.Name))
	}
	p.part()
}

const (
	durationColumns = 12
	slowMs          = 500 // what the default list calls slow
	slowCount       = 3
)

// slowest lists as many tests as --durations asked for, or the few that are slow.
func (t *Terminal) slowest(p *page) {
	n, above := t.settings.Durations, 0.0
	if n == 0 {
		if t.settings.Verbosity < 1 {
			return
		}
		n, above = slowCount, slowMs
	}
	slow := t.run.slowest(n, above)
	if len(slow) == 0 {
		return
	}
	p.line(p.paint(bold, "Slowest tests:"))
	for _, r := range slow {
		p.line(p.paint(yellow, fmt.Sprintf("%*s", durationColumns, duration(r.verdict.DurationMs))), "  ", oneLine(r.label))
	}
	p.part()
}

// manyFailed is how many commands are worth listing.
const manyFailed = 40

// again lists the commands that run what failed once more, one for each.
func (t *Terminal) again(p *page) {
	asks := t.asks()
	if len(asks) == 0 {
		return
	}
	p.line(p.paint(bold, "Run again:"))
	for i, ask := range asks {
		if i == manyFailed {
			p.line(indent, p.paint(dim, fmt.Sprintf("… and %d more", len(asks)-i)))
			break
		}
		p.line(indent, p.paint(dim, "hotclub run "), shellWord(ask))
	}
	if len(asks) > 1 {
		p.line(indent, p.paint(dim, "hotclub run "), "--failed", p.paint(dim, "   # all of them"))
	}
	p.part()
}

// asks are the labels of what failed, each once.
func (t *Terminal) asks() []string {
	var asks []string
	known := map[string]bool{}
	for _, r := range t.run.failed {
		if ask := clean(r.ask, false); ask != "" && !known[ask] {
			known[ask] = true
			asks = append(asks, ask)
		}
	}
	return asks
}
