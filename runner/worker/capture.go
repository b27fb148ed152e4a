package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const shown = 128 << 10 // bytes of one test's output that are passed on; the rest loses its middle

// capture is the file that takes all that a worker and its children print.
type capture struct {
	path string
	file *os.File
}

func newCapture(path string) (*capture, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the file for a worker's output: %w", err)
	}
	return &capture{path: path, file: file}, nil
}

func (c *capture) size() int64 {
	info, err := c.file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// slice reads a part; what lies between its first and last bytes is left out when it is long.
func (c *capture) slice(span Span) string {
	length := span[1] - span[0]
	if length <= 0 {
		return ""
	}
	if length <= shown {
		return c.read(span[0], length)
	}
	return c.excerpt(span, shown/2, shown/2)
}

// excerpt reads the beginning and the end of a part.
func (c *capture) excerpt(span Span, head, tail int64) string {
	head, tail = min(head, shown/2), min(tail, shown/2)
	left := span[1] - span[0] - head - tail
	return fmt.Sprintf("%s\n… %d bytes left out …\n%s", c.read(span[0], head), left, c.read(span[1]-tail, tail))
}

func (c *capture) tail(length int64) string {
	size := c.size()
	return c.slice(Span{max(0, size-length), size})
}

func (c *capture) read(offset, length int64) string {
	data := make([]byte, length)
	n, err := c.file.ReadAt(data, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Sprintf("(its output could not be read: %v)", err)
	}
	return strings.ToValidUTF8(string(data[:n]), "\uFFFD")
}

func (c *capture) drop(span Span) error { return punchHole(c.file, span[0], span[1]-span[0]) }

func (c *capture) remove() error {
	return errors.Join(c.file.Close(), os.Remove(c.path))
}
