package mysql

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// includes bounds how deep option files include others.
const includes = 10

// readOptions reads the options of some groups from an option file (my.cnf): [group], option or
// option=value, quotes, escapes, comments, !include and !includedir. Later ones win. Names have
// dashes. https://dev.mysql.com/doc/refman/8.0/en/option-files.html
func readOptions(path string, groups []string) (map[string]string, error) {
	o := optionReader{groups: groups, found: make(map[string]string)}
	return o.found, o.read(expandHome(path), 0)
}

type optionReader struct {
	groups []string
	found  map[string]string
}

func (o *optionReader) read(path string, depth int) error {
	if depth > includes {
		return fmt.Errorf("%s: option files include each other", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	wanted := false
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '!':
			if err := o.include(filepath.Dir(path), line, depth); err != nil {
				return err
			}
		case line[0] == '[':
			group, _, closed := strings.Cut(line[1:], "]")
			if !closed {
				return fmt.Errorf("%s:%d: [ without ]", path, n)
			}
			wanted = slices.Contains(o.groups, strings.TrimSpace(group))
		case wanted:
			o.option(line)
		}
	}
	return lines.Err()
}

func (o *optionReader) include(dir, line string, depth int) error {
	directive, argument, _ := strings.Cut(line, " ")
	path := strings.TrimSpace(argument)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	switch directive {
	case "!include":
		return o.read(path, depth+1)
	case "!includedir":
		files, err := filepath.Glob(filepath.Join(path, "*.cnf"))
		if err != nil {
			return err
		}
		for _, each := range files {
			if err := o.read(each, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *optionReader) option(line string) {
	option, value, _ := strings.Cut(line, "=")
	option = strings.ReplaceAll(strings.TrimSpace(option), "_", "-")
	option = strings.TrimPrefix(option, "loose-")
	o.found[option] = optionValue(strings.TrimSpace(value))
}

var optionEscapes = map[byte]byte{'n': '\n', 't': '\t', 'b': '\b', 'r': '\r', 's': ' ', '\\': '\\', '"': '"', '\'': '\''}

// optionValue undoes quotes and escapes. A # begins a comment outside of quotes.
func optionValue(raw string) string {
	var quote byte
	if raw != "" && (raw[0] == '\'' || raw[0] == '"') {
		quote, raw = raw[0], raw[1:]
	}
	var value strings.Builder
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\\' && i+1 < len(raw) && optionEscapes[raw[i+1]] != 0:
			i++
			value.WriteByte(optionEscapes[raw[i]])
		case quote != 0 && c == quote:
			return value.String()
		case quote == 0 && c == '#':
			return strings.TrimSpace(value.String())
		default:
			value.WriteByte(c)
		}
	}
	return value.String()
}

func expandHome(path string) string {
	rest, found := strings.CutPrefix(path, "~")
	home, err := os.UserHomeDir()
	if !found || err != nil {
		return path
	}
	return filepath.Join(home, rest)
}
