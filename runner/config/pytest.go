package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pytestChoice is the settings module that pytest-django would use.
type pytestChoice struct {
	module string
	file   string // base name, "" when no file of pytest names a module
	table  string
	line   int // 0 when unknown
}

func (p pytestChoice) origin() string {
	text := p.file + " [" + p.table + "]"
	if p.line > 0 {
		text += fmt.Sprintf(" line %d", p.line)
	}
	return text
}

// pytestSettings asks pytest's files in pytest's order. A file that cannot be read or
// understood says nothing: it is pytest's to complain about.
func pytestSettings(dir string) pytestChoice {
	for _, source := range []struct {
		file, table string
		read        func(text []byte, table string) (string, int)
	}{
		{"pytest.toml", "pytest", tomlSettings},
		{".pytest.toml", "pytest", tomlSettings},
		{"pytest.ini", "pytest", iniSettings},
		{".pytest.ini", "pytest", iniSettings},
		{"pyproject.toml", "tool.pytest", tomlSettings},
		{"pyproject.toml", "tool.pytest.ini_options", tomlSettings},
		{"tox.ini", "pytest", iniSettings},
		{"setup.cfg", "tool:pytest", iniSettings},
	} {
		text, err := slurp(filepath.Join(dir, source.file))
		if err != nil {
			continue
		}
		if module, line := source.read(text, source.table); module != "" {
			return pytestChoice{module, source.file, source.table, line}
		}
	}
	return pytestChoice{}
}

func tomlSettings(text []byte, name string) (string, int) {
	if !bytes.Contains(text, []byte("pytest")) {
		return "", 0
	}
	d := &document{text: text, offsets: map[string]int{}}
	if toml.Unmarshal(text, &d.tree) != nil {
		return "", 0
	}
	path := strings.Split(name, ".")
	t, _ := d.table(path...)
	if t == nil {
		return "", 0
	}
	d.locate()
	for _, key := range []string{"addopts", "DJANGO_SETTINGS_MODULE"} {
		if module := asSettings(key, t.entries[key]); module != "" {
			return module, t.line(key)
		}
	}
	return "", 0
}

func iniSettings(text []byte, section string) (string, int) {
	keys := iniSection(text, section)
	for _, key := range []string{"addopts", "DJANGO_SETTINGS_MODULE"} {
		if module := asSettings(key, keys[key].value); module != "" {
			return module, keys[key].line
		}
	}
	return "", 0
}

// asSettings reads a key's value; in addopts it is the option --ds, which is stronger.
func asSettings(key string, value any) string {
	var words []string
	switch value := value.(type) {
	case string:
		words = strings.Fields(value)
	case []any:
		for _, word := range value {
			words = append(words, fmt.Sprint(word))
		}
	}
	if key != "addopts" {
		return strings.Join(words, " ")
	}
	for i, word := range words {
		if module, ok := strings.CutPrefix(word, "--ds="); ok {
			return module
		}
		if word == "--ds" && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}
