package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// samples are measurements of one thing, in milliseconds or another unit.
type samples []float64

// median is the one in the middle, or between the two in the middle; NaN without samples.
func (s samples) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// p95 is the smallest that at least 95 % don't exceed; of few samples it is the largest.
func (s samples) p95() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[(len(sorted)*95+99)/100-1]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantity writes a value so that three digits or so are left of it.
func quantity(value float64, unit string) string {
	switch {
	case unit == "ms" && value >= 1000:
		return fmt.Sprintf("%.2f s", value/1000)
	case value < 1:
		return fmt.Sprintf("%.3f %s", value, unit)
	case value < 100:
		return fmt.Sprintf("%.1f %s", value, unit)
	default:
		return fmt.Sprintf("%.0f %s", value, unit)
	}
}

// alternate measures both sides in turn, so that what else the machine does falls on both.
func alternate(rounds int, ours, theirs func() (time.Duration, error)) (o, t samples, err error) {
	for range rounds {
		took, err := ours()
		if err != nil {
			return o, t, err
		}
		o = append(o, ms(took))
		if took, err = theirs(); err != nil {
			return o, t, err
		}
		t = append(t, ms(took))
	}
	return o, t, nil
}
