package main

import (
	"context"
	"fmt"
	"strings"

	"hotclub/runner"
)

// requestToVerdict is how long the daemon takes over what the test itself takes, by its own
// clock: for a test that was asked for before, and for one after the other.
func requestToVerdict(ctx context.Context, l *lab) (findings, error) {
	var f findings
	for _, how := range []struct {
		method string
		limit  float64
	}{{"fork", 10}, {"spawn", 15}} {
		if err := f.requests(ctx, l, how.method, how.limit); err != nil {
			return f, fmt.Errorf("%s: %w", how.method, err)
		}
	}
	return f, nil
}

func (f *findings) requests(ctx context.Context, l *lab, method string, limit float64) error {
	c, all, err := l.warmClub(ctx, method)
	if err != nil {
		return err
	}
	defer c.end()
	tests := all.nameable()
	same := typical(tests).Label
	if _, err := c.tell(ctx, same); err != nil {
		return err
	}
	n := l.rounds(36)
	for _, each := range []struct {
		which string
		label func(i int) string
	}{
		{"the same test again", func(int) string { return same }},
		{"another test each time", func(i int) string { return tests[i*len(tests)/n].Label }},
	} {
		over, stories, err := c.overheads(ctx, n, each.label)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("request to verdict, %s, %s", method, each.which)
		f.rows = append(f.rows, row{what, "ms", over, nil, atMost(limit, "ms", over)})
		f.note("%s: %s", what, stretches(stories))
	}
	return nil
}

// overheads runs single tests on a pool that has refilled and has loaded what it expects.
func (c *club) overheads(ctx context.Context, n int, label func(int) string) (over samples, stories []story, err error) {
	for i := range n {
		if err := c.calm(ctx); err != nil {
			return over, stories, err
		}
		s, err := c.tell(ctx, label(i))
		if err != nil {
			return over, stories, err
		}
		verdict, err := s.reached("first verdict")
		if err != nil {
			return over, stories, err
		}
		over = append(over, verdict-s.tests[0].DurationMs)
		stories = append(stories, s)
	}
	return over, stories, nil
}

// stretches tells how long runs took from point to point, the median of each.
func stretches(stories []story) string {
	var names []string
	took := make(map[string]samples)
	for _, s := range stories {
		for i, timing := range s.finished.Timings {
			if took[timing.Name] == nil {
				names = append(names, timing.Name)
			}
			since := 0.0
			if i > 0 {
				since = s.finished.Timings[i-1].Ms
			}
			took[timing.Name] = append(took[timing.Name], timing.Ms-since)
		}
	}
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name + " " + quantity(took[name].median(), "ms")
	}
	return strings.Join(parts, ", ")
}

// phases writes timings that each stand for themselves.
func phases(list []runner.Timing) string {
	parts := make([]string, len(list))
	for i, timing := range list {
		parts[i] = timing.Name + " " + quantity(timing.Ms, "ms")
	}
	return strings.Join(parts, ", ")
}
