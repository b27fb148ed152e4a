//go:build linux

package e2e

import (
	"fmt"
	"slices"
	"strings"
)

// askForAffected finds out which variants can run the affected tests alone.
func (m *mutations) askForAffected() {
	for _, c := range m.clubs {
		r := c.hotclub(append([]string{"run", "--python", c.python, "--affected"}, c.args...)...)
		c.affected = !strings.Contains(r.stderr, "not available")
		if !c.affected {
			m.t.Logf("%s: --affected is not held against the cold run, for it is refused: %s", c.name, strings.TrimSpace(r.stderr))
		}
	}
}

// runAffected runs the affected tests, after every second edit: else it would always be they that
// meet the edit first, and never the run of everything.
func (m *mutations) runAffected() map[*mutated]story {
	stories := make(map[*mutated]story)
	if m.random.IntN(2) == 0 {
		return stories
	}
	m.equip()
	for _, c := range m.clubs {
		if c.affected {
			stories[c] = c.run(append([]string{"--affected"}, c.args...)...)
		}
	}
	return stories
}

// compareAffected reports whether all that ran had the verdicts of the cold run, and nothing was
// left out whose verdict is another one than before, where that is known.
func (m *mutations) compareAffected(what string, want reference, stories map[*mutated]story) bool {
	same := true
	now := coldStates(want)
	for c, got := range stories {
		var differences []string
		states := got.states()
		for label, state := range states {
			if wanted := want.state(label); state != wanted {
				differences = append(differences, fmt.Sprintf("%s: manage.py test says %q, hotclub %s", label, wanted, state))
			}
		}
		for label, state := range now {
			last, known := m.last[label]
			if _, ran := states[label]; !ran && known && last != state {
				differences = append(differences, fmt.Sprintf("%s was %q, is %s, and did not run", label, last, state))
			}
		}
		if len(differences) > 0 {
			same = false
			slices.Sort(differences)
			m.tell(c, "affected tests: "+what, differences, got)
		}
	}
	return same
}
