package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// findings are what benchmarks have to tell.
type findings struct {
	rows  []row
	notes []string // where the time goes
}

// row is one line of the table.
type row struct {
	what   string
	unit   string // "ms" or "MB"
	ours   samples
	theirs samples // nil where there is no other side
	bar    bar
}

// bar is what hotclub has to clear.
type bar struct {
	text string // "" for a row that only informs
	met  bool
}

// times is a bar for how much faster ours is.
func times(least float64, ours, theirs samples) bar {
	return bar{fmt.Sprintf("≥ %g× faster", least), theirs.median() >= least*ours.median()}
}

// atMost is a bar for a median.
func atMost(limit float64, unit string, ours samples) bar {
	return bar{fmt.Sprintf("≤ %g %s", limit, unit), ours.median() <= limit}
}

// atMostOf is a bar for how long ours takes beside theirs.
func atMostOf(share float64, ours, theirs samples) bar {
	return bar{fmt.Sprintf("≤ %g of theirs", share), ours.median() <= share*theirs.median()}
}

// p95AtMost is a bar for the 95th percentile.
func p95AtMost(limit float64, unit string, ours samples) bar {
	return bar{fmt.Sprintf("p95 ≤ %g %s", limit, unit), ours.p95() <= limit}
}

// neverAbove is a bar for every sample.
func neverAbove(limit float64, unit string, ours samples) bar {
	return bar{fmt.Sprintf("always ≤ %g %s", limit, unit), len(ours) > 0 && slices.Max(ours) <= limit}
}

// and is both bars.
func (b bar) and(other bar) bar { return bar{b.text + ", " + other.text, b.met && other.met} }

func (f *findings) add(more findings) {
	f.rows = append(f.rows, more.rows...)
	f.notes = append(f.notes, more.notes...)
}

func (f *findings) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

func (f *findings) missed() bool {
	for _, r := range f.rows {
		if r.bar.text != "" && !r.bar.met {
			return true
		}
	}
	return false
}

// print writes the table, and below it the notes.
func (f *findings) print(w io.Writer, conditions string) {
	fmt.Fprintf(w, "%s\n\n", conditions)
	fmt.Fprintln(w, "| what | ours, median | ours, p95 | theirs, median | theirs / ours | bar | |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|---|---|")
	for _, r := range f.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	if len(f.notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, note := range f.notes {
		fmt.Fprintf(w, "- %s\n", note)
	}
}

func (r row) cells() []string {
	theirs, ratio := "", ""
	if r.theirs != nil {
		theirs = quantity(r.theirs.median(), r.unit)
		ratio = fmt.Sprintf("%.2f", r.theirs.median()/r.ours.median())
	}
	verdict := ""
	switch {
	case r.bar.text != "" && r.bar.met:
		verdict = "ok"
	case r.bar.text != "":
		verdict = "MISSED"
	}
	return []string{
		strings.ReplaceAll(r.what, "|", `\|`), quantity(r.ours.median(), r.unit), quantity(r.ours.p95(), r.unit),
		theirs, ratio, r.bar.text, verdict,
	}
}
