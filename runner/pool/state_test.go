package pool

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var states = []State{Creating, Booting, Attaching, Ready, Running, Draining, Dead}

// A worker that takes any allowed steps is never stuck before it is dead, and is never brought
// back from there.
func TestEveryLifeEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := Creating
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			if state == Dead {
				break
			}
			state = state.next(rapid.SampledFrom(transitions[state]).Draw(t, "next"))
		}
		if state != Dead && !slices.Contains(transitions[state], Dead) {
			// Draining is the only detour that a life may need.
			if !slices.Contains(transitions[state], Draining) {
				t.Fatalf("%v cannot end", state)
			}
		}
	})
}

func TestForbiddenStepsAreBugs(t *testing.T) {
	for _, from := range states {
		for _, to := range states {
			if slices.Contains(transitions[from], to) {
				continue
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%v to %v was allowed", from, to)
					}
				}()
				from.next(to)
			}()
		}
	}
}

func TestStatesHaveNames(t *testing.T) {
	for _, state := range states {
		if state.String() == "" {
			t.Errorf("state %d has no name", state)
		}
	}
}
