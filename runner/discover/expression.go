package discover

import (
	"strconv"
	"strings"
)

// call is an expression cut into its parts: a dotted name and, if it is called, the texts
// of its arguments.
type call struct {
	name   string // "" when the expression is no dotted name, called or not
	called bool
	args   []string
	rest   string // what follows the call, such as the arguments of a second one
}

// parse reads the text of an expression. It understands what stands in class heads and
// decorators; of anything else it says nothing.
func parse(text string) call {
	text = strings.TrimSpace(text)
	n := 0
	for n < len(text) && (text[n] == '.' || nameByte(text[n])) {
		n++
	}
	c := call{name: strings.Trim(text[:n], ".")}
	rest := strings.TrimSpace(text[n:])
	switch {
	case c.name == "" || text[0] == '.' || text[0] >= '0' && text[0] <= '9':
		return call{}
	case strings.HasPrefix(rest, "("):
		c.called = true
		c.args, c.rest = arguments(rest[1:])
	case strings.HasPrefix(rest, "["): // a generic class with its parameters
		_, c.rest = arguments(rest[1:])
	case rest != "" && rest[0] != '#':
		return call{}
	}
	return c
}

func nameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// arguments cuts a list at its commas, up to the bracket that closes it. Comments and
// line ends are left out.
func arguments(text string) (args []string, rest string) {
	var b strings.Builder
	add := func() {
		if arg := strings.TrimSpace(b.String()); arg != "" {
			args = append(args, arg)
		}
		b.Reset()
	}
	depth := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '#':
			i += lineLength(text[i:])
			continue
		case c == '\'' || c == '"':
			n := quoted(text[i:])
			b.WriteString(text[i : i+n])
			i += n
			continue
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth < 0 {
				add()
				return args, text[i+1:]
			}
		case c == ',' && depth == 0:
			add()
			i++
			continue
		case c == '\n' || c == '\r':
			b.WriteByte(' ')
			i++
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	add()
	return args, ""
}

func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// quoted is the length of the string literal, without prefix, that text begins with.
func quoted(text string) int {
	quote := text[:1]
	if strings.HasPrefix(text, strings.Repeat(quote, 3)) {
		quote = text[:3]
	}
	for i := len(quote); i < len(text); i++ {
		if text[i] == '\\' {
			i++
		} else if strings.HasPrefix(text[i:], quote) {
			return i + len(quote)
		}
	}
	return len(text)
}

// literal is the value of a string literal, of several that stand side by side too. What
// is computed, an f-string included, has none.
func literal(text string) (value string, ok bool) {
	text = strings.TrimSpace(text)
	for text != "" {
		prefix := strings.ToLower(text[:len(text)-len(strings.TrimLeft(text, "rRuU"))])
		text = text[len(prefix):]
		if text == "" || text[0] != '\'' && text[0] != '"' {
			return "", false
		}
		n := quoted(text)
		marks := 1
		if n >= 6 && text[:3] == strings.Repeat(text[:1], 3) {
			marks = 3
		}
		if n < 2*marks {
			return "", false
		}
		value += unescape(text[marks:n-marks], strings.Contains(prefix, "r"))
		text, ok = strings.TrimSpace(text[n:]), true
	}
	return value, ok
}

// unescape undoes the escapes that occur in names and reasons.
func unescape(text string, raw bool) string {
	if raw || !strings.Contains(text, `\`) {
		return text
	}
	text = strings.ReplaceAll(text, "\\\n", "")
	plain, err := strconv.Unquote(`"` + strings.NewReplacer(`\'`, `'`, `\"`, `\"`, `\\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`)
	if err != nil {
		return text
	}
	return plain
}

// keyword cuts name=value; name is "" for a positional argument.
func keyword(arg string) (name, value string) {
	n := 0
	for n < len(arg) && nameByte(arg[n]) {
		n++
	}
	rest := strings.TrimLeft(arg[n:], " \t")
	if n > 0 && strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==") {
		return arg[:n], strings.TrimSpace(rest[1:])
	}
	return "", arg
}
