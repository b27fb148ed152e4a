package lspserver

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.lsp.dev/uri"
)

// pathOf is the real path of a file's URI; "" for what is no file, such as the two sides of an
// editor's diff.
func (c *connection) pathOf(u uri.URI) string {
	path, err := filePath(string(u))
	if err != nil {
		return ""
	}
	return c.space.realPath(path)
}

// path is that of a URI in a request.
func (c *connection) path(raw string) (string, error) {
	path, err := filePath(raw)
	if err != nil {
		return "", err
	}
	return c.space.realPath(path), nil
}

// fileURI is the URI by which the editor knows a file.
func (c *connection) fileURI(path string) uri.URI { return uri.File(c.space.givenPath(path)) }

func filePath(raw string) (string, error) {
	if !strings.HasPrefix(raw, "file:") { // the parser takes one without a scheme for a file
		return "", fmt.Errorf("%q is not a file's uri", raw)
	}
	u, err := uri.Parse(raw)
	if err != nil {
		return "", err
	}
	if path := u.FsPath(); path != "" {
		return filepath.Clean(path), nil
	}
	return "", fmt.Errorf("%q is not a file's uri", raw)
}
