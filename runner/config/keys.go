package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// known lists the keys of the configuration, in the order in which doctor shows them.
func known() []string {
	return []string{
		"manage", "python", "settings", "parallel", "timeout", "start-method", "split-classes",
		"output-limit", "spare-workers", "idle-timeout", "base-layer", "watch", "affected-depth", "flush", "runner-args", "env",
	}
}

// entry is one key as it stands in a file.
type entry struct {
	key   string
	value any
	table *table
}

func (e entry) line() int { return e.table.line(e.key) }

// origin is how [Value] names the place.
func (e entry) origin(s *search) string {
	text := s.show(e.table.doc.path)
	if len(e.table.path) > 0 {
		text += " " + e.table.label()
	}
	return fmt.Sprintf("%s line %d", text, e.line())
}

func (e entry) fault(s *search, what string) *Error {
	return &Error{
		What: what, Where: s.where(e.table.doc.path, e.line()), Usage: true,
		File: e.table.doc.path, Line: e.line(), about: e.key,
	}
}

// wrong says that the value has not the form that the key needs. The value itself is not
// repeated: it may be a secret, and the place is named.
func (e entry) wrong(s *search, form string) *Error {
	fault := e.fault(s, fmt.Sprintf("%s has a wrong value", e.key))
	fault.Remedy = "expected " + form
	return fault
}

// choices is the configuration that applies to a project.
type choices struct {
	entries map[string]entry
	files   []string
	search  *search
}

func (c choices) origin(key string) string { return c.entries[key].origin(c.search) }

// mostFaults is more than anybody reads of one file.
const mostFaults = 20

// merge joins the tables of one directory and finds fault with their keys. A key that is
// in both files would make one of them a lie.
func (s *search) merge(tables []*table) (choices, []*Error) {
	c := choices{entries: map[string]entry{}, search: s}
	var faults []*Error
	for _, t := range tables {
		c.files = append(c.files, t.doc.path)
		for _, key := range inOrder(t) {
			e := entry{key: key, value: t.entries[key], table: t}
			first, twice := c.entries[key]
			switch {
			case len(faults) >= mostFaults:
				return c, faults
			case !slices.Contains(known(), key):
				faults = append(faults, e.unknown(s))
			case twice:
				faults = append(faults, e.twice(s, first))
			default:
				c.entries[key] = e
			}
		}
	}
	return c, faults
}

// inOrder lists the keys of a table as they stand in the file.
func inOrder(t *table) []string {
	return slices.SortedFunc(maps.Keys(t.entries), func(a, b string) int {
		return cmp.Or(t.offset(a)-t.offset(b), strings.Compare(a, b))
	})
}

func (e entry) twice(s *search, first entry) *Error {
	fault := e.fault(s, fmt.Sprintf("%s is also set in %s", e.key, s.where(first.table.doc.path, first.line())))
	fault.Remedy = "keep one of the two"
	return fault
}

func (e entry) unknown(s *search) *Error {
	fault := e.fault(s, fmt.Sprintf("unknown key %q in %s", e.key, e.table.label()))
	fault.about = "configuration"
	switch near := nearest(e.key, known()); {
	case near != "":
		fault.Remedy = fmt.Sprintf("did you mean %q?", near)
	case e.key == "tool" && len(e.table.path) == 0:
		fault.Remedy = "in hotclub.toml the keys stand at the top, without [tool.hotclub]"
	default:
		fault.Remedy = "the keys are " + strings.Join(known(), ", ")
	}
	return fault
}

// nearest finds the word that was probably meant, "" when none is near.
func nearest(word string, words []string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "_", "-")
	best, least := "", max(2, len([]rune(word))/3)+1
	for _, candidate := range words {
		if d := distance(word, candidate); d < least && d < len(candidate) {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(to)]
}
