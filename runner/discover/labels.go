package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Labels turns what people type into what manage.py test takes. Beside dotted names these
// are understood, relative to cwd:
//
//	shop/tests/test_cart.py                    the file's module
//	shop/tests/test_cart.py::CartTests::test_a a class or method by name
//	shop/tests/test_cart.py:42                 the test or class around the line
//	shop/tests                                 a directory, which Django takes as it is
//
// Modules are named relative to root, the directory that Django imports from.
func Labels(root, cwd string, labels []string) ([]string, error) {
	mapped := make([]string, 0, len(labels))
	for _, l := range labels {
		m, err := label(root, cwd, l)
		if err != nil {
			return nil, err
		}
		mapped = append(mapped, m)
	}
	return mapped, nil
}

var lineSuffix = regexp.MustCompile(`^(.+?\.py):(\d+)(?::\d+)?$`)

func label(root, cwd, l string) (string, error) {
	if path, names, ok := strings.Cut(l, "::"); ok {
		return fileLabel(root, cwd, path, strings.Split(names, "::"))
	}
	if m := lineSuffix.FindStringSubmatch(l); m != nil {
		return lineLabel(root, cwd, m[1], m[2])
	}
	if strings.HasSuffix(l, ".py") {
		return fileLabel(root, cwd, l, nil)
	}
	return directoryLabel(root, cwd, l)
}

// fileLabel names a file's module, or something in it.
func fileLabel(root, cwd, path string, names []string) (string, error) {
	file := absolute(cwd, path)
	if info, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%s: %w", path, plain(err))
	} else if info.IsDir() {
		return "", fmt.Errorf("%s is a directory, not a test file", path)
	}
	module, err := Module(root, file)
	return strings.Join(append([]string{module}, names...), "."), err
}

// lineLabel names the test or the class around a line, else the file's module.
func lineLabel(root, cwd, path, number string) (string, error) {
	file := absolute(cwd, path)
	src, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, plain(err))
	}
	line, err := strconv.Atoi(number)
	if err != nil || line < 1 || line > strings.Count(string(src), "\n")+1 {
		return "", fmt.Errorf("%s has no line %s", path, number)
	}
	module, err := Module(root, file)
	return strings.Join(append([]string{module}, Nearest(src, line-1)...), "."), err
}

// directoryLabel leaves dotted names and directories as they are. Only a directory that
// is meant relative to somewhere else than root is spelled out.
func directoryLabel(root, cwd, l string) (string, error) {
	path := absolute(cwd, l)
	info, err := os.Stat(path)
	isPath := strings.ContainsAny(l, `/\`) || l == "." || l == ".."
	switch {
	case isPath && err != nil:
		return "", fmt.Errorf("%s: %w", l, plain(err))
	case isPath && !info.IsDir():
		return "", fmt.Errorf("%s is not a Python file", l)
	case same(cwd, root), !isPath && (err != nil || !info.IsDir()):
		return l, nil
	case !isPath && exists(filepath.Join(root, l)):
		return l, nil // the package of that name at the root, as from the root
	}
	return path, nil
}

// Module is the dotted name under which a file below root is imported.
func Module(root, file string) (string, error) {
	rel, err := below(root, file)
	if err != nil {
		return "", err
	}
	parts := strings.Split(filepath.ToSlash(strings.TrimSuffix(rel, ".py")), "/")
	if last := len(parts) - 1; parts[last] == "__init__" && last > 0 {
		parts = parts[:last]
	}
	for _, part := range parts {
		if !identifier.MatchString(part) {
			return "", fmt.Errorf("%s cannot be imported: %q is not a Python name", rel, part)
		}
	}
	return strings.Join(parts, "."), nil
}

var identifier = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// below is the path of file relative to root. One of them may be spelled through a
// symbolic link, as temporary directories are on macOS.
func below(root, file string) (string, error) {
	if rel, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(rel) {
		return rel, nil
	}
	realRoot, rootErr := filepath.EvalSymlinks(root)
	realFile, fileErr := filepath.EvalSymlinks(file)
	if err := errors.Join(rootErr, fileErr); err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(realRoot, realFile); err == nil && filepath.IsLocal(rel) {
		return rel, nil
	}
	return "", fmt.Errorf("%s is outside the project at %s", file, root)
}

func absolute(cwd, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(cwd, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// same reports whether two paths lead to one directory.
func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// plain drops the operation and the path, which the caller names as the user typed it.
func plain(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("no such file or directory")
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
