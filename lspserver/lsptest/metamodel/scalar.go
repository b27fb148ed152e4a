package metamodel

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// base is one of the model's base types.
type base struct {
	name string
	fits func(value any) bool
}

func newBase(name string) (shape, error) {
	fits, ok := map[string]func(any) bool{
		"URI": isURI, "DocumentUri": isURI, "RegExp": is[string], "string": is[string], "boolean": is[bool],
		"null":     func(v any) bool { return v == nil },
		"decimal":  is[json.Number],
		"integer":  func(v any) bool { return isInteger(v, math.MinInt32) },
		"uinteger": func(v any) bool { return isInteger(v, 0) },
	}[name]
	if !ok {
		return nil, fmt.Errorf("unknown base type %q", name)
	}
	return base{name, fits}, nil
}

func (b base) String() string { return b.name }

func (b base) check(at path, value any) *Violation {
	if !b.fits(value) {
		return at.violation(b.name, value)
	}
	return nil
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// isInteger wants the digits of a number between least and 2^31-1, the upper bound of
// uinteger as well.
func isInteger(v any, least int64) bool {
	number, ok := v.(json.Number)
	if !ok {
		return false
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	return err == nil && n >= least && n <= math.MaxInt32
}

// isURI wants a scheme: a bare path is the usual mistake.
func isURI(v any) bool {
	text, ok := v.(string)
	if !ok {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && u.Scheme != "" && (u.Scheme != "file" || strings.HasPrefix(u.Path, "/"))
}

// constant is a string literal.
type constant string

func (c constant) String() string { return strconv.Quote(string(c)) }

func (c constant) check(at path, value any) *Violation {
	if value != string(c) {
		return at.violation(c.String(), value)
	}
	return nil
}

// enumeration is one of its values, or if it is open any value of its base type.
type enumeration struct {
	name   string
	base   shape
	values map[string]bool // as fmt prints them; all are strings or small integers
	open   bool
}

func (e enumeration) String() string { return e.name }

func (e enumeration) check(at path, value any) *Violation {
	if v := e.base.check(at, value); v != nil {
		return at.violation(e.name+" ("+e.base.String()+")", value)
	}
	if !e.open && !e.values[fmt.Sprint(value)] {
		known := strings.Join(slices.Sorted(maps.Keys(e.values)), ", ")
		return at.violation(e.name+" ("+known+")", value)
	}
	return nil
}
