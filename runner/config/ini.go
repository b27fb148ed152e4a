package config

import (
	"bytes"
	"strings"
)

// iniValue is a value of an INI file and the line on which its key stands.
type iniValue struct {
	value string
	line  int
}

// iniSection reads one section of an INI file the way pytest does: "key = value" or
// "key: value", comments with # and ;, further lines of a value indented.
func iniSection(text []byte, section string) map[string]iniValue {
	keys := map[string]iniValue{}
	inside, last, number := false, "", 0
	for raw := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		number++
		line := strings.TrimSpace(string(raw))
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case raw[0] == ' ' || raw[0] == '\t':
			if v, ok := keys[last]; inside && ok {
				keys[last] = iniValue{v.value + "\n" + line, v.line}
			}
		case line[0] == '[':
			inside, last = strings.HasPrefix(line, "["+section+"]"), ""
		case inside:
			if at := strings.IndexAny(line, "=:"); at > 0 {
				last = strings.TrimSpace(line[:at])
				keys[last] = iniValue{strings.TrimSpace(line[at+1:]), number}
			}
		}
	}
	return keys
}
