package affected

import (
	"slices"
	"strings"

	"hotclub/runner/worker"
)

// Reasons why a test is affected that are not about a file.
const (
	NeverRun     = "never run"
	FailedBefore = "failed before"
)

// Decision is made at one moment: how each file differs from what tests have seen of it.
type Decision struct {
	store *Store
	eye   *eye
	since map[string]change // by path, what differs from a revision as well; nil without one
	all   string            // why every test is affected, ""

	changes map[*sight]change
	groups  map[*group][]*sight // those of it that differ
	verdict map[*process]*consequence
}

// Decide begins a decision by the disk as it is now: each file is looked at once.
func (s *Store) Decide() *Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return &Decision{
		store: s, eye: newEye(s.root), changes: make(map[*sight]change), groups: make(map[*group][]*sight),
		verdict: make(map[*process]*consequence),
	}
}

// Reason is why a test is affected, "" when it is not.
func (d *Decision) Reason(label string) string {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	test := d.store.tests[label]
	switch {
	case test == nil:
		return NeverRun
	case test.unknown != "":
		return "unknown: " + test.unknown
	case d.all != "":
		return d.all
	}
	return d.of(test.process).reason(d, test)
}

func (d *Decision) change(s *sight) change {
	c, known := d.changes[s]
	if !known {
		c = d.eye.look(s)
		if more, differs := d.since[s.Path]; differs {
			c = worse(c, more)
		}
		d.changes[s] = c
	}
	return c
}

// worse joins two changes of a file.
func worse(a, b change) change {
	switch {
	case a.kind == same:
		return b
	case b.kind == same:
		return a
	case a.kind == bodies && b.kind == bodies:
		return change{kind: bodies, names: append(slices.Clone(a.names), b.names...)}
	case a.kind == bodies:
		return b
	}
	return a
}

func (d *Decision) differing(g *group) []*sight {
	found, known := d.groups[g]
	if !known {
		for _, s := range g.sights {
			if d.change(s).kind != same {
				found = append(found, s)
			}
		}
		d.groups[g] = found
	}
	return found
}

// consequence is what the changes mean to the tests of one process.
type consequence struct {
	all       string         // why all are affected, ""
	databases string         // why those with databases are, ""
	functions map[int]string // why those are that called a function, by its number
	templates map[int]string // or used a template
	touched   map[int]string // or opened a file or listed a directory
	modules   map[int]string // or whose module reaches a file

	imports *imports
}

// of finds out what the changes mean to a process.
func (d *Decision) of(p *process) *consequence {
	if c := d.verdict[p]; c != nil {
		return c
	}
	c := &consequence{
		functions: make(map[int]string), templates: make(map[int]string), touched: make(map[int]string), modules: make(map[int]string),
		imports: &imports{process: p, names: d.store.tables.names},
	}
	d.verdict[p] = c
	for _, g := range p.groups {
		for _, s := range d.differing(g) {
			d.follow(c, p, s)
		}
	}
	for _, s := range d.differing(p.inputs) {
		c.databases = d.eye.short(s.Path) + " " + d.change(s).told() + ", which the database was built from"
	}
	return c
}

func (c change) told() string {
	if c.kind == bodies {
		return strings.Join(c.names, ", ") + " changed"
	}
	return c.rule
}

// follow applies the rules to one file that differs.
func (d *Decision) follow(c *consequence, p *process, s *sight) {
	t := d.store.tables
	differs := d.change(s)
	path, known := t.numbers[s.Path]
	has := func(list func(*past) []int) bool {
		return known && (contains(list(p.past), path) || contains(list(p.own), path))
	}
	opened := has(func(l *past) []int { return l.opened })
	atBoot := known && contains(p.past.executed, path)
	executed := atBoot || known && contains(p.own.executed, path)
	late := has(func(l *past) []int { return l.late })
	why := d.eye.short(s.Path) + " " + differs.rule
	if differs.kind != appeared && has(func(l *past) []int { return l.schema }) {
		c.databases = why
	}
	switch {
	case s.Kind == worker.ReadNames && !has(func(l *past) []int { return l.listed }):
		// Only the search for tests has looked into it.
	case differs.kind == appeared && s.Kind == worker.ReadPackages:
		if name := d.minds(p, s, differs.names); name != "" {
			c.all = d.eye.short(s.Path) + "/" + name + " is new"
		}
	case s.Unsure && s.Facts == nil && (opened || s.Kind == worker.ReadNames) && !has(func(l *past) []int { return l.touched }):
		// Tests write it themselves, over and over. Who reads it does so each time.
		c.touched[path] = why
	case opened:
		c.all = d.eye.short(s.Path) + " " + differs.told()
	case s.Kind == worker.ReadFile && has(func(l *past) []int { return l.loaded }):
		c.templates[path] = why
	case differs.kind == bodies && p.called && (executed || late):
		c.touched[path] = d.eye.short(s.Path) + " " + differs.told()
		for _, name := range differs.names {
			if f, is := t.called[function{path, t.numbers[name]}]; is {
				c.functions[f] = d.eye.short(s.Path) + ": " + name + " changed"
			}
		}
	case executed && !atBoot && !late && !d.heard(p, s):
		c.modules[path] = d.eye.short(s.Path) + " " + differs.told()
	default:
		c.all = d.eye.short(s.Path) + " " + differs.told()
	}
}

// heard reports whether others than the test modules that import a file may depend on it: it
// registers something, or what every test of the process has executed may import it later.
func (d *Decision) heard(p *process, s *sight) bool {
	now := d.eye.read(s.Path)
	if s.Facts == nil || s.Facts.Loud || now != nil && now.Loud {
		return true
	}
	i := d.of(p).imports
	for _, other := range p.past.executed {
		if slices.Contains(i.from(other), d.store.tables.numbers[s.Path]) {
			return true
		}
	}
	return false
}

// minds returns the first of some names that are new in a directory that an import in the process
// could have found: it asked for a module of that name, or has one that the name stands before.
func (d *Decision) minds(p *process, s *sight, names []string) string {
	t := d.store.tables
	for _, name := range names {
		stem, _, _ := strings.Cut(name, ".")
		below := strings.TrimPrefix(d.eye.short(s.Path)+"/"+stem, "./")
		for module := strings.ReplaceAll(below, "/", "."); ; {
			if n, known := t.numbers[module]; known && (contains(p.past.missed, n) || contains(p.own.missed, n)) {
				return name
			}
			_, rest, more := strings.Cut(module, ".")
			if !more {
				break
			}
			module = rest
		}
		for _, beside := range []string{"/" + stem + ".py", "/" + stem + "/__init__.py"} {
			if n, known := t.numbers[s.Path+beside]; known && (contains(p.past.executed, n) || contains(p.own.executed, n)) {
				return name
			}
		}
	}
	return ""
}

func contains(list []int, n int) bool {
	_, found := slices.BinarySearch(list, n)
	return found
}

// reason is why a test of the process is affected, "" when it is not.
func (c *consequence) reason(d *Decision, test *footprint) string {
	p := test.process
	switch {
	case c.all != "":
		return c.all
	case c.databases != "" && test.databases:
		return c.databases
	}
	if why := first(c.functions, p.past.functions, p.own.functions); why != "" {
		return why
	}
	if why := first(c.templates, p.past.templates, p.own.templates); why != "" {
		return why
	}
	for _, m := range test.marks {
		if why := first(c.functions, m.functions); why != "" {
			return why
		}
		if why := first(c.templates, m.templates); why != "" {
			return why
		}
		if why := first(c.touched, m.touched); why != "" {
			return why
		}
		for path, why := range c.modules {
			if slices.ContainsFunc(m.modules, func(module int) bool { return c.imports.reaches(module, path) }) {
				return why
			}
		}
	}
	return ""
}

func first(why map[int]string, lists ...[]int) string {
	if len(why) == 0 {
		return ""
	}
	for _, list := range lists {
		for _, n := range list {
			if text := why[n]; text != "" {
				return text
			}
		}
	}
	return ""
}
