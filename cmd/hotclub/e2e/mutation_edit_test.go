//go:build linux

package e2e

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// edit is one kind of change that people make to a project.
type edit struct {
	name string
	// make makes the change and says what it did; "" when there was nothing to do it to.
	make func(m *mutator) string
}

// mutator makes edits, by what its random source says alone: what it does depends on no clock and
// on no result.
type mutator struct {
	t         *testing.T
	root      string
	random    *rand.Rand
	edits     []edit
	debts     []debt            // what earlier edits leave to be done
	variables map[string]string // of the client's environment
	undo      map[string]string // the texts of sources as they were, by name
	names     int               // of new files so far
}

// debt is an edit that another one made necessary, such as the mend of a file that it broke.
type debt struct {
	name string // of the file
	what string
	pay  func()
}

// edit makes one edit and says which.
func (m *mutator) edit() string {
	if len(m.debts) > 0 && m.random.IntN(4) > 0 {
		first := m.debts[0]
		m.debts = m.debts[1:]
		first.pay()
		return first.what
	}
	for range 1000 {
		e := m.edits[m.random.IntN(len(m.edits))]
		if what := e.make(m); what != "" {
			return e.name + ": " + what
		}
	}
	m.t.Fatal("no edit can be made")
	return ""
}

// later leaves something to be done to a file by one of the next edits.
func (m *mutator) later(name, what string, pay func()) {
	m.debts = append(m.debts, debt{name, name + " " + what, pay})
}

// settled reports whether a file is as it should be: only then it may be spoilt.
func (m *mutator) settled(name string) bool {
	return m.undo[name] == "" && !slices.ContainsFunc(m.debts, func(d debt) bool { return d.name == name })
}

// environment is what the client's has beside the test's own.
func (m *mutator) environment() []string {
	var all []string
	for name, value := range m.variables {
		all = append(all, name+"="+value)
	}
	return all
}

// one picks one of some.
func one[T any](m *mutator, all ...T) T { return all[m.random.IntN(len(all))] }

func (m *mutator) path(name string) string { return filepath.Join(m.root, name) }

func (m *mutator) has(name string) bool {
	_, err := os.Lstat(m.path(name))
	return err == nil
}

func (m *mutator) text(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	m.must(err)
	return string(text)
}

func (m *mutator) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mutator) remove(name string) {
	m.t.Helper()
	m.must(os.RemoveAll(m.path(name)))
}

func (m *mutator) rename(from, to string) {
	m.t.Helper()
	m.must(os.Rename(m.path(from), m.path(to)))
}

// save writes a file in one of the manners in which editors, tools and clocks do, and says which.
func (m *mutator) save(name, text string) string {
	m.t.Helper()
	before, err := os.Stat(m.path(name))
	m.must(os.MkdirAll(filepath.Dir(m.path(name)), 0o755))
	manner := m.random.IntN(7)
	switch {
	case manner == 0: // most editors and git: another file takes the place
		m.write(name+".new~", text)
		m.rename(name+".new~", name)
		return "by another file"
	case manner == 1: // some do it in two steps, which leaves no file for a moment
		m.remove(name)
		m.write(name, text)
		return "after a removal"
	case manner == 2:
		m.write(name, text)
		m.stamp(name, time.Now().Add(-time.Duration(1+m.random.IntN(100))*time.Hour))
		return "with the clock set back"
	case manner == 3:
		m.write(name, text)
		m.stamp(name, time.Now().Truncate(2*time.Second))
		return "with a coarse time stamp"
	case manner == 4 && err == nil && int64(len(text)) == before.Size():
		m.write(name, text)
		m.stamp(name, before.ModTime())
		return "with the time stamp and the size that it had"
	case manner == 5: // what is seen first is not what stays
		m.write(name, text+"\n")
		m.write(name, text)
		return "twice"
	}
	m.write(name, text)
	return "in place"
}

func (m *mutator) write(name, text string) {
	m.t.Helper()
	m.must(os.WriteFile(m.path(name), []byte(text), 0o644))
}

func (m *mutator) stamp(name string, when time.Time) {
	m.t.Helper()
	m.must(os.Chtimes(m.path(name), when, when))
}

// flip changes the digit that a pattern has in parentheses from 1 to 2 or back.
func (m *mutator) flip(name, pattern string) string {
	m.t.Helper()
	if !m.has(name) {
		return ""
	}
	text := m.text(name)
	at := regexp.MustCompile(pattern).FindStringSubmatchIndex(text)
	if at == nil {
		return ""
	}
	digit := "1"
	if text[at[2]:at[3]] == "1" {
		digit = "2"
	}
	return fmt.Sprintf("%s has %s, %s", name, digit, m.save(name, text[:at[2]]+digit+text[at[3]:]))
}

// spoil saves a text instead of another one, and leaves it to a later edit to take it back.
func (m *mutator) spoil(name, spoilt string) string {
	m.t.Helper()
	whole := m.text(name)
	manner := m.save(name, spoilt)
	m.later(name, "as it was", func() { m.save(name, whole) })
	return name + ", " + manner
}

// sources lists the Python files below some folders that are as they should be, in order.
func (m *mutator) sources(folders ...string) []string {
	m.t.Helper()
	var all []string
	for _, folder := range folders {
		m.must(filepath.WalkDir(m.path(folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".py") {
				name, _ := filepath.Rel(m.root, path)
				if m.settled(name) {
					all = append(all, name)
				}
			}
			return err
		}))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
