package lspserver

import (
	"fmt"

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
	u, err := uri.Parse(raw)
	if err != nil {
		return "", err
	}
	if path := u.FsPath(); path != "" && u.Scheme() == "file" {
		return path, nil
	}
	return "", fmt.Errorf("%s is not a file", raw)
}
