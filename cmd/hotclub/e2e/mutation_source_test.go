//go:build linux

package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// operators are what a line within a function may have instead of what it has. A condition of a
// loop is left alone: a test that never ends tells little.
var operators = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`^( {4,}return) [^(\[{]+$`), "$1 None"},
	{regexp.MustCompile(`^( {4,}return) not (.+)$`), "$1 $2"},
	{regexp.MustCompile(` == `), " != "},
	{regexp.MustCompile(` != `), " == "},
	{regexp.MustCompile(` is None`), " is not None"},
	{regexp.MustCompile(` is not None`), " is None"},
	{regexp.MustCompile(` not in `), " in "},
	{regexp.MustCompile(` and `), " or "},
	{regexp.MustCompile(`^( {4,}if) ([^:]+):$`), "$1 not ($2):"},
	{regexp.MustCompile(`\bTrue\b`), "False"},
	{regexp.MustCompile(`\bFalse\b`), "True"},
}

// mutateSources changes an operator or a result in one of the sources; what is spoilt already is
// mended in turn, so that most of a project works at any time.
func mutateSources(folders ...string) edit {
	return edit{"a function", func(m *mutator) string {
		if len(m.undo) > 1 || len(m.undo) == 1 && m.random.IntN(2) == 0 {
			return m.mend()
		}
		names := slices.DeleteFunc(m.sources(folders...), func(name string) bool {
			return strings.Contains(name, "migrations") || strings.Contains(name, "test")
		})
		return m.mutate(one(m, names...))
	}}
}

func (m *mutator) mend() string {
	names := make([]string, 0, len(m.undo))
	for name := range m.undo {
		names = append(names, name)
	}
	slices.Sort(names)
	name := one(m, names...)
	text := m.undo[name]
	delete(m.undo, name)
	return name + " as it was, " + m.save(name, text)
}

func (m *mutator) mutate(name string) string {
	whole := m.text(name)
	lines := strings.Split(whole, "\n")
	type change struct {
		at int
		by string
	}
	var changes []change
	prose := false
	for i, line := range lines {
		if strings.Count(line, `"""`)%2 == 1 {
			prose = !prose
		}
		word := strings.TrimSpace(line)
		if prose || !strings.HasPrefix(line, "    ") || strings.HasPrefix(word, "while ") || strings.HasPrefix(word, "#") {
			continue
		}
		for _, o := range operators {
			if by := o.pattern.ReplaceAllString(line, o.by); by != line {
				changes = append(changes, change{i, by})
			}
		}
	}
	if len(changes) == 0 {
		return ""
	}
	c := one(m, changes...)
	was := lines[c.at]
	lines[c.at] = c.by
	m.undo[name] = whole
	return fmt.Sprintf("%s:%d: %q instead of %q, %s", name, c.at+1, strings.TrimSpace(c.by), strings.TrimSpace(was),
		m.save(name, strings.Join(lines, "\n")))
}

// common are edits that can be made to the sources of any project.
func common(folders, tests []string) []edit {
	anySource := func(m *mutator) string { return one(m, m.sources(slices.Concat(folders, tests)...)...) }
	return []edit{
		{"a touch", func(m *mutator) string {
			name := anySource(m)
			return name + ", " + m.save(name, m.text(name))
		}},
		{"an edit and its undo", func(m *mutator) string {
			name := anySource(m)
			text := m.text(name)
			m.write(name, "raise Exception\n"+text)
			return name + ", " + m.save(name, text)
		}},
		{"a syntax error", func(m *mutator) string {
			name := anySource(m)
			return m.spoil(name, m.text(name)+"\ndef (\n")
		}},
		{"a module that raises", func(m *mutator) string {
			name := anySource(m)
			return m.spoil(name, m.text(name)+"\nraise RuntimeError\n")
		}},
		{"a deleted module", func(m *mutator) string {
			name := anySource(m)
			text := m.text(name)
			m.remove(name)
			m.later(name, "is back", func() { m.save(name, text) })
			return name
		}},
		{"a new test module", func(m *mutator) string {
			m.names++
			name := fmt.Sprintf("%s/test_new_%d.py", one(m, tests...), m.names)
			m.save(name, fmt.Sprintf(newTest, one(m, 1, 2)))
			m.later(name, "is gone", func() { m.remove(name) })
			return name
		}},
	}
}

const newTest = `import unittest


class New(unittest.TestCase):
    def test_it(self):
        self.assertEqual(%d, 1)
`
