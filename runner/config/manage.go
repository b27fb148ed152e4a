package config

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
)

// managedSettings is what a manage.py makes of DJANGO_SETTINGS_MODULE, as far as reading
// it tells. Only for show: manage.py is executed in the worker and has the last word.
type managedSettings struct {
	module string
	line   int
	forced bool // assigned outright, so that the variable of the client does not count
}

func managed(text []byte) managedSettings {
	setdefault := regexp.MustCompile(`(?m)^[^#\n]*\benviron\.setdefault\(\s*["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']`)
	assigned := regexp.MustCompile(`(?m)^[^#\n]*\benviron\[\s*["']DJANGO_SETTINGS_MODULE["']\s*\]\s*=\s*["']([\w.]+)["']`)
	if at := assigned.FindSubmatchIndex(text); at != nil {
		return managedSettings{string(text[at[2]:at[3]]), lineOf(text, at[2]), true}
	}
	if at := setdefault.FindSubmatchIndex(text); at != nil {
		return managedSettings{string(text[at[2]:at[3]]), lineOf(text, at[2]), false}
	}
	return managedSettings{}
}

func lineOf(text []byte, offset int) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }

func glob(root, pattern string) []string {
	names, _ := fs.Glob(os.DirFS(root), pattern) // the only error is a malformed pattern
	return names
}
