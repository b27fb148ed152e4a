package discover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"hotclub/runner"
)

// sizeLimit is how much of a file is read. Python itself takes long over such a file; it
// is data.
const sizeLimit = 16 << 20

// stamp tells one state of a file from the next.
type stamp struct {
	changed time.Time
	size    int64
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.ModTime(), info.Size()} }

// readFile reads a Python file as UTF-8. With an error there may be a text all the same.
func readFile(path string) (text []byte, at stamp, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, stamp{}, err
	case !info.Mode().IsRegular(): // a pipe would block
		return nil, stamp{}, errors.New("it is not a regular file")
	case info.Size() > sizeLimit:
		return nil, stampOf(info), fmt.Errorf("it has %d MB, more than the %d MB that are read", info.Size()>>20, sizeLimit>>20)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, stampOf(info), err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, sizeLimit))
	if err != nil {
		return nil, stampOf(info), err
	}
	text, err = decode(raw)
	return text, stampOf(info), err
}

// coding is the line by which PEP 263 lets a source name its encoding.
var coding = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

// decode turns a source into UTF-8. Of the encodings that a coding line may name, the
// Latin ones are known; the ASCII in any other is read, which is all that names of tests
// are made of.
func decode(raw []byte) ([]byte, error) {
	if utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 {
		return raw, nil
	}
	name := declared(raw)
	switch {
	case bytes.IndexByte(raw, 0) >= 0:
		return bytes.ReplaceAll(raw, []byte{0}, []byte(" ")), errors.New("it contains null bytes, which Python refuses; save it as UTF-8")
	case name == "" || strings.HasPrefix(name, "utf"):
		return bytes.ToValidUTF8(raw, []byte("\uFFFD")), errors.New("it is not UTF-8 and no coding line says what it is, so Python refuses it; save it as UTF-8")
	}
	var b bytes.Buffer
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.Bytes(), nil
}

// declared is the encoding that one of the first two lines names, or "".
func declared(raw []byte) string {
	for range 2 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if m := coding.FindSubmatch(line); m != nil {
			return strings.ToLower(string(m[1]))
		}
		raw = rest
	}
	return ""
}

// unreadable says in a tree why a file's tests may be missing.
func unreadable(path string, err error) *runner.Message {
	text := fmt.Sprintf("cannot read %s: %v", path, plain(err))
	return &runner.Message{
		Text: text, Summary: text, Phase: runner.PhaseImport,
		Location: &runner.Location{File: path, Line: 1},
	}
}
