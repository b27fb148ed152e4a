package affected

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hotclub/runner/worker"
)

// Store keeps the footprints of a project's tests; it outlives the server. It is safe for
// concurrent use. What a run adds is worked up by the next who asks, or by [Store.Save].
type Store struct {
	path, root string

	mu      sync.Mutex
	opened  bool
	bases   map[string]*worker.Base // by token
	waiting []*Process
	tables  *tables
	tests   map[string]*footprint // by label
}

// footprint is what is known of one test.
type footprint struct {
	process   *process
	marks     []*mark
	databases bool
	unknown   string // why it has none
}

// process is what counts for all tests that one process ran in a run.
type process struct {
	groups []*group // all that it has read, by directory
	past   *past    // up to its base
	own    *past    // since
	inputs *group   // what is behind its databases
	called bool     // calls were seen

	facts map[string]*Facts // by path; nil until asked for
}

// group is what was seen in one directory. Equal ones are one.
type group struct{ sights []*sight }

// past is a [worker.Lasting] with numbers for names, each list sorted.
type past struct {
	functions, templates, executed, late, opened, loaded, schema, listed, touched, missed []int
}

// mark is a [worker.Mark] likewise. Equal ones are one.
type mark struct {
	functions, templates, touched, modules []int
	unknown                                string
}

// Open is the store of the project with a key below dir, whose files are below root. The file is
// read when it is needed first; one that cannot be read is worth no more than none.
func Open(dir, key, root string) *Store {
	return &Store{
		path: filepath.Join(dir, key+".footprints.json"), root: root,
		bases: make(map[string]*worker.Base), tables: newTables(), tests: make(map[string]*footprint),
	}
}

// Base is what a token stands for, nil when it is not known yet.
func (s *Store) Base(token string) *worker.Base {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bases[token]
}

// basesKept is how many bases are kept: that of the generation, and of some before.
const basesKept = 8

// Learn keeps a base.
func (s *Store) Learn(base *worker.Base) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bases) >= basesKept {
		clear(s.bases) // who still needs one asks again
	}
	s.bases[base.Token] = base
}

// Look takes in what is in those of some files that are the project's, before anybody edits them:
// what has changed since it was read cannot be compared later.
func (s *Store) Look(reads []worker.Read) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open()
	eye := newEye(s.root)
	below := s.root + string(filepath.Separator)
	for _, read := range reads {
		if strings.HasPrefix(read.Path, below) && eye.owns(read.Path) {
			s.tables.sight(read, eye)
		}
	}
}

// Ran notes that a test has had a verdict: what was known of it is out of date until its footprint
// comes, if it ever does; why not, if it does not.
func (s *Store) Ran(label, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open()
	s.tests[label] = &footprint{unknown: why}
}

// Record takes the footprints of a process that has run all its tests.
func (s *Store) Record(p *Process) {
	if len(p.observed) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, p)
}

// settle works up what has come in. It needs the lock.
func (s *Store) settle() {
	s.open()
	if len(s.waiting) == 0 {
		return
	}
	eye := newEye(s.root)
	for _, p := range s.waiting {
		s.take(p, eye)
	}
	s.waiting = nil
}

func (s *Store) take(p *Process, eye *eye) {
	t := s.tables
	groups := t.groups(p.reads, eye)
	all := &process{
		groups: groups,
		past:   t.pastOf(p.base.Token, p.base.Lasting), own: t.pastOf("", p.lasting), called: p.called,
		inputs: t.inputs(p.inputs, groups, eye),
	}
	unseen := all.unseen(t, all.past.functions, all.own.functions)
	for _, one := range p.observed {
		test := &footprint{process: all, databases: one.databases, unknown: unseen}
		for _, m := range one.marks {
			if m.Unknown != "" {
				test.unknown = m.Unknown
			}
			made := t.mark(m, one.table)
			if why := all.unseen(t, made.functions); why != "" {
				test.unknown = why
			}
			test.marks = append(test.marks, made)
		}
		if one.file != "" {
			test.marks = append(test.marks, t.mark(&worker.Mark{Modules: []string{one.file}}, nil))
		}
		s.tests[one.label] = test
	}
	all.facts = nil
}

// texts are the facts of the Python files that the process has read, by path.
func (p *process) texts() map[string]*Facts {
	if p.facts == nil {
		p.facts = make(map[string]*Facts)
		for _, g := range p.groups {
			for _, s := range g.sights {
				if s.Facts != nil {
					p.facts[s.Path] = s.Facts
				}
			}
		}
	}
	return p.facts
}

// unseen says which of some functions that were called their files do not show, "" for none: of
// such a one no edit can be told.
func (p *process) unseen(t *tables, lists ...[]int) string {
	for _, list := range lists {
		for _, n := range list {
			path, name := t.names[t.functions[n].path], t.names[t.functions[n].name]
			facts := p.texts()[path]
			if _, shown := facts.body(name); facts != nil && !shown {
				return path + " does not show where " + name + " is"
			}
		}
	}
	return ""
}

// tables give equal things one place in memory, and one number in the file.
type tables struct {
	names     []string
	numbers   map[string]int
	functions []function
	called    map[function]int
	sights    map[worker.Read]*sight
	kinds     map[string]*group
	marks     map[string]*mark
	pasts     map[string]*past // by the token of a base
}

// function is one by the number of its path, and of its name.
type function struct{ path, name int }

func newTables() *tables {
	return &tables{
		numbers: make(map[string]int), called: make(map[function]int), sights: make(map[worker.Read]*sight),
		kinds: make(map[string]*group), marks: make(map[string]*mark), pasts: make(map[string]*past),
	}
}

func (t *tables) number(name string) int {
	n, known := t.numbers[name]
	if !known {
		n = len(t.names)
		t.names = append(t.names, name)
		t.numbers[name] = n
	}
	return n
}

func (t *tables) list(names []string) []int { return numbers(names, t.number) }

// numbers are those of some things, sorted.
func numbers[T any](all []T, number func(T) int) []int {
	list := make([]int, len(all))
	for i, each := range all {
		list[i] = number(each)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (t *tables) function(f worker.Function) int {
	key := function{t.number(f.Path), t.number(f.Name)}
	n, known := t.called[key]
	if !known {
		n = len(t.functions)
		t.functions = append(t.functions, key)
		t.called[key] = n
	}
	return n
}

func (t *tables) calls(functions []worker.Function) []int { return numbers(functions, t.function) }

func (t *tables) pastOf(token string, l worker.Lasting) *past {
	if known := t.pasts[token]; known != nil && token != "" {
		return known
	}
	p := &past{
		functions: t.calls(l.Functions), templates: t.list(l.Templates), executed: t.list(l.Executed),
		late: t.list(l.Late), opened: t.list(l.Opened), loaded: t.list(l.Loaded), schema: t.list(l.Schema),
		listed: t.list(l.Listed), touched: t.list(l.Touched), missed: t.list(l.Missed),
	}
	if token != "" {
		t.pasts[token] = p
	}
	return p
}

func (t *tables) mark(m *worker.Mark, table []worker.Function) *mark {
	functions := make([]worker.Function, len(m.Functions))
	for i, at := range m.Functions {
		functions[i] = table[at]
	}
	return t.sameMark(&mark{
		functions: t.calls(functions), templates: t.list(m.Templates), touched: t.list(m.Touched),
		modules: t.list(m.Modules), unknown: m.Unknown,
	})
}

func (t *tables) sameMark(made *mark) *mark {
	key := fmt.Sprint(*made)
	if known := t.marks[key]; known != nil {
		return known
	}
	t.marks[key] = made
	return made
}

// groups gathers what was read by directory: an edit changes few of them.
func (t *tables) groups(reads []worker.Read, eye *eye) []*group {
	byDir := make(map[string]map[*sight]bool)
	for i := range reads {
		dir := filepath.Dir(reads[i].Path)
		if byDir[dir] == nil {
			byDir[dir] = make(map[*sight]bool)
		}
		byDir[dir][t.sight(reads[i], eye)] = true
	}
	all := make([]*group, 0, len(byDir))
	for _, sights := range byDir {
		all = append(all, t.group(sights))
	}
	return all
}

func (t *tables) sight(read worker.Read, eye *eye) *sight {
	known := t.sights[read]
	if known == nil {
		known = eye.see(read)
		t.sights[read] = known
	}
	return known
}

func (t *tables) group(sights map[*sight]bool) *group {
	g := &group{}
	for s := range sights {
		g.sights = append(g.sights, s)
	}
	slices.SortFunc(g.sights, func(a, b *sight) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.MTime, b.MTime),
			cmp.Compare(a.Size, b.Size), cmp.Compare(a.Inode, b.Inode), strings.Compare(a.Digest, b.Digest))
	})
	var key strings.Builder
	for _, s := range g.sights {
		fmt.Fprintf(&key, "%p ", s)
	}
	if known := t.kinds[key.String()]; known != nil {
		return known
	}
	t.kinds[key.String()] = g
	return g
}

// inputs are what databases were built from. Of a file of which only parts count the process has
// the text as well.
func (t *tables) inputs(digests map[string]string, groups []*group, eye *eye) *group {
	sights := make(map[*sight]bool)
	for path, sum := range digests {
		if sum == parts {
			if known := find(groups, path); known != nil {
				sights[known] = true
				continue
			}
			sum = eye.digest(path)
		}
		if isDirectory(path) {
			sum = eye.digest(path) // whoever lists the inputs has a digest of its own kind
		}
		read := worker.Read{Path: path, Kind: input, Digest: sum}
		if t.sights[read] == nil {
			t.sights[read] = eye.seeInput(path, sum)
		}
		sights[t.sights[read]] = true
	}
	return t.group(sights)
}

// parts is the digest of a file of which only parts count.
const parts = "?"

func find(groups []*group, path string) *sight {
	for _, g := range groups {
		for _, s := range g.sights {
			if s.Path == path && s.Kind == worker.ReadFile {
				return s
			}
		}
	}
	return nil
}
