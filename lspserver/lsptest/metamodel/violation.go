package metamodel

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Violation is the first place where a message is not what the model says.
type Violation struct {
	Method string
	Kind   Kind
	Path   string // of the value: result[0].range.start.line
	Want   string // a type's name, or a rule
	Got    string

	depth int // of the path; a union reports the violation that lies deepest
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s %s: %s: want %s, got %s", v.Kind, v.Method, v.Path, v.Want, v.Got)
}

// path leads from a message to a value within.
type path []string

func (p path) member(name string) path {
	if !plain(name) {
		return append(p[:len(p):len(p)], "["+strconv.Quote(name)+"]")
	}
	return append(p[:len(p):len(p)], "."+name)
}

func (p path) index(i int) path { return append(p[:len(p):len(p)], "["+strconv.Itoa(i)+"]") }

func (p path) String() (text string) {
	for _, step := range p {
		text += step
	}
	return text
}

func (p path) violation(want string, value any) *Violation {
	return &Violation{Path: p.String(), Want: want, Got: describe(value), depth: len(p)}
}

func plain(name string) bool {
	for _, r := range name {
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return name != ""
}

// describe shows a value, or its beginning.
func describe(value any) string {
	const enough = 60
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if len(data) > enough {
		return string(data[:enough]) + "…"
	}
	return string(data)
}
