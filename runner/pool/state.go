package pool

import (
	"fmt"
	"slices"
)

// State is where a worker stands in its life; the drawing is in the package comment.
type State int

const (
	Creating State = iota
	Booting
	Attaching
	Ready
	Running
	Draining
	Dead
)

var stateNames = [...]string{"creating", "booting", "attaching", "ready", "running", "draining", "dead"}

func (s State) String() string { return stateNames[s] }

var transitions = map[State][]State{
	Creating:  {Booting, Attaching, Dead},
	Booting:   {Attaching, Ready, Dead},
	Attaching: {Ready, Dead},
	Ready:     {Running, Attaching, Draining, Dead},
	Running:   {Ready, Draining, Dead},
	Draining:  {Dead},
	Dead:      nil,
}

// next checks a step; one that the table lacks is a bug of ours, not a condition to handle.
func (s State) next(to State) State {
	if !slices.Contains(transitions[s], to) {
		panic(fmt.Sprintf("pool: a worker cannot go from %v to %v", s, to))
	}
	return to
}
