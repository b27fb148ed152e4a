// Package schedule deals the units of a run to its workers.
//
// Units of a lower bin go first, as Django orders the kinds of tests. Within a bin the module
// with the longest expected work is begun first, so that nothing long is left for the end. A
// module belongs to the worker that began it, so that its imports and its setUpModule happen
// once, and that worker runs its classes in Django's order: tests that lean on an earlier class
// of their file find it has run. A worker that runs out of modules helps with the one that has
// most left, beginning with its longest class. Tests of one class are dealt together unless
// large classes may be split. One worker runs everything in Django's order. Where some tests are to
// come first, as those that failed last, their classes do, whatever their bin and module.
package schedule

import (
	"cmp"
	"slices"
	"time"

	"hotclub/runner"
)

// Options shape a schedule.
type Options struct {
	Workers  int
	Expected func(runner.Test) time.Duration // from history
	InOrder  bool                            // deal exactly in the order given: shuffled or reversed runs
	Split    bool                            // large classes may be split
	First    func(runner.Test) bool          // units with such a test come before all others; nil for none
}

// Schedule is what is left to deal. It is not safe for concurrent use.
type Schedule struct {
	options Options
	bins    []*bin
}

// bin holds the modules of one of Django's kinds.
type bin struct {
	number  runner.Bin
	modules []*module
}

// module holds the units of one module that are left, in Django's order.
type module struct {
	name  string
	owner string // worker that began it
	units []unit
	left  time.Duration
}

type unit struct {
	runner.Unit
	expected time.Duration
}

// New makes a schedule of units.
func New(units []runner.Unit, options Options) *Schedule {
	options.InOrder = options.InOrder || options.Workers == 1
	s := &Schedule{options: options}
	if options.Split && !options.InOrder {
		units = s.split(units)
	}
	for _, each := range s.firstFirst(units) {
		s.add(each)
	}
	if !options.InOrder {
		slices.SortStableFunc(s.bins, func(a, b *bin) int { return int(a.number) - int(b.number) })
		for _, b := range s.bins {
			b.sort()
		}
	}
	return s
}

// Again puts back what a dead worker had not begun; it is dealt next.
func (s *Schedule) Again(left runner.Unit) {
	m := &module{name: left.Module, units: []unit{{left, s.expect(left)}}}
	m.left = m.units[0].expected
	s.bins = slices.Insert(s.bins, 0, &bin{number: left.Bin, modules: []*module{m}})
}

// Next deals a unit to a worker; ok is false when nothing is left.
func (s *Schedule) Next(worker string) (next runner.Unit, ok bool) {
	for len(s.bins) > 0 && len(s.bins[0].modules) == 0 {
		s.bins = s.bins[1:]
	}
	if len(s.bins) == 0 {
		return runner.Unit{}, false
	}
	return s.bins[0].deal(worker, s.options.InOrder), true
}

// Empty reports whether no unit is left.
func (s *Schedule) Empty() bool {
	return !slices.ContainsFunc(s.bins, func(b *bin) bool { return len(b.modules) > 0 })
}

// Left returns all that has not been dealt and forgets it.
func (s *Schedule) Left() []runner.Unit {
	var left []runner.Unit
	for _, b := range s.bins {
		for _, m := range b.modules {
			for _, u := range m.units {
				left = append(left, u.Unit)
			}
		}
	}
	s.bins = nil
	return left
}

// before is the bin of the units that come first.
const before runner.Bin = -1

func (s *Schedule) comesFirst(u runner.Unit) bool {
	return s.options.First != nil && slices.ContainsFunc(u.Tests, s.options.First)
}

// firstFirst puts the units that come first there, and changes no other order.
func (s *Schedule) firstFirst(units []runner.Unit) []runner.Unit {
	var first, rest []runner.Unit
	for _, u := range units {
		if s.comesFirst(u) {
			first = append(first, u)
		} else {
			rest = append(rest, u)
		}
	}
	return append(first, rest...)
}

func (s *Schedule) expect(u runner.Unit) time.Duration {
	var total time.Duration
	for _, test := range u.Tests {
		total += s.options.Expected(test)
	}
	return total
}

func (s *Schedule) add(each runner.Unit) {
	inOrder := s.options.InOrder
	var b *bin
	number := each.Bin
	if s.comesFirst(each) {
		number = before
	}
	if i := slices.IndexFunc(s.bins, func(b *bin) bool { return inOrder || b.number == number }); i >= 0 {
		b = s.bins[i]
	} else {
		b = &bin{number: number}
		s.bins = append(s.bins, b)
	}
	var m *module
	if i := slices.IndexFunc(b.modules, func(m *module) bool { return m.name == each.Module }); i >= 0 && !inOrder {
		m = b.modules[i]
	} else {
		m = &module{name: each.Module}
		b.modules = append(b.modules, m)
	}
	u := unit{each, s.expect(each)}
	m.units = append(m.units, u)
	m.left += u.expected
}

func (b *bin) sort() {
	slices.SortStableFunc(b.modules, func(x, y *module) int { return cmp.Compare(y.left, x.left) })
}

func (b *bin) deal(worker string, inOrder bool) runner.Unit {
	i, own := 0, true
	if !inOrder {
		i, own = b.choose(worker)
	}
	m := b.modules[i]
	at := 0
	if own {
		m.owner = worker
	} else {
		at = m.longest()
	}
	u := m.units[at]
	m.units = slices.Delete(m.units, at, at+1)
	m.left -= u.expected
	if len(m.units) == 0 {
		b.modules = slices.Delete(b.modules, i, i+1)
	}
	return u.Unit
}

// choose finds the module to take from: the worker's own, else the longest that nobody has
// begun, else, to help out, the one with most left.
func (b *bin) choose(worker string) (module int, own bool) {
	most, free := 0, -1
	for i, m := range b.modules {
		if m.owner == worker {
			return i, true
		}
		if m.owner == "" && free < 0 {
			free = i
		}
		if m.left > b.modules[most].left {
			most = i
		}
	}
	if free >= 0 {
		return free, true
	}
	return most, false
}

func (m *module) longest() int {
	longest := 0
	for i, u := range m.units {
		if u.expected > m.units[longest].expected {
			longest = i
		}
	}
	return longest
}

// split cuts classes that would keep one worker busy while the others have nothing left.
func (s *Schedule) split(units []runner.Unit) []runner.Unit {
	var total time.Duration
	for _, u := range units {
		total += s.expect(u)
	}
	share := total / time.Duration(2*max(1, s.options.Workers))
	var result []runner.Unit
	for _, u := range units {
		if s.expect(u) <= share || len(u.Tests) < 2 {
			result = append(result, u)
			continue
		}
		result = append(result, s.cut(u, share)...)
	}
	return result
}

// cut makes parts of at most a share each; every part sets its class up again.
func (s *Schedule) cut(u runner.Unit, share time.Duration) []runner.Unit {
	var parts []runner.Unit
	var sum time.Duration
	from := 0
	for i, test := range u.Tests {
		expected := s.options.Expected(test)
		if i > from && sum+expected > share {
			parts = append(parts, part(u, from, i))
			from, sum = i, 0
		}
		sum += expected
	}
	return append(parts, part(u, from, len(u.Tests)))
}

func part(u runner.Unit, from, to int) runner.Unit {
	u.Tests = u.Tests[from:to:to]
	return u
}
