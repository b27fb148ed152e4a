package runner

import (
	"fmt"
	"time"
)

// Comparison holds the verdicts of a cold run against the last warm ones of the same tests.
type Comparison struct {
	Same        int          `json:"same"`
	Unknown     int          `json:"unknown,omitempty"` // tests that have never had a warm verdict
	Differences []Difference `json:"differences"`
}

// Difference is a test of which a cold run says something else than the last warm one.
type Difference struct {
	ID         TestID    `json:"id"`
	Label      string    `json:"label"`
	Cold       State     `json:"cold"`
	Warm       State     `json:"warm"`
	At         time.Time `json:"at"`                // of the warm verdict
	Generation string    `json:"generation"`        // of the warm verdict
	Changed    string    `json:"changed,omitempty"` // what may explain it: code that has changed since; "" is worth a report
}

// Unexplained counts the differences that no change of the code explains.
func (c *Comparison) Unexplained() (n int) {
	for _, each := range c.Differences {
		if each.Changed == "" {
			n++
		}
	}
	return n
}

// Sentences put the comparison into words, the outcome first.
func (c *Comparison) Sentences() []string {
	head := fmt.Sprintf("Cold against warm: the same verdicts (%d of %d)", c.Same, c.Same+len(c.Differences))
	if len(c.Differences) > 0 {
		head = fmt.Sprintf("Cold against warm: %d of %d verdicts differ", len(c.Differences), c.Same+len(c.Differences))
	}
	if c.Same+len(c.Differences) == 0 {
		head = "Cold against warm: nothing to compare"
	}
	if c.Unknown > 0 {
		head += fmt.Sprintf("; %d never ran warm", c.Unknown)
	}
	lines := []string{head}
	for _, each := range c.Differences {
		line := fmt.Sprintf("%s: warm %s on generation %s at %s, cold %s", each.Label, each.Warm, each.Generation, each.At.Local().Format(time.DateTime), each.Cold)
		if each.Changed != "" {
			line += "; " + each.Changed
		}
		lines = append(lines, line)
	}
	if c.Unexplained() > 0 {
		lines = append(lines, "No change of the code explains this: please report it, with the output of hotclub explain and hotclub doctor")
	}
	return lines
}
