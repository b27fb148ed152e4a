package bridge

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	maxHeader = 4 << 10   // bytes of one frame's header
	maxBody   = 256 << 20 // bytes of one frame's body

	// trusted is the size of a body up to which its header is believed before it is there.
	trusted = 1 << 20
)

// errMalformed says that a stream holds something else than frames. No later frame can be
// found then.
var errMalformed = errors.New("not a message of the Language Server Protocol")

// frames reads messages with their Content-Length headers.
type frames struct{ in *bufio.Reader }

func newFrames(in io.Reader) *frames { return &frames{bufio.NewReaderSize(in, 64<<10)} }

// next reads one message. Its error is io.EOF between two frames, io.ErrUnexpectedEOF within
// one, and errMalformed for what cannot be understood.
func (f *frames) next() (message, error) {
	raw, length, err := f.header()
	if err != nil {
		return message{}, err
	}
	head := len(raw)
	if raw, err = f.body(raw, length); err != nil {
		return message{}, err
	}
	m := message{raw: raw, body: raw[head:]}
	return m, m.parse()
}

// header reads up to the empty line, and keeps the bytes to pass them on.
func (f *frames) header() (raw []byte, length int, err error) {
	length = -1
	for {
		line, err := f.in.ReadSlice('\n')
		raw = append(raw, line...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) || len(raw) > maxHeader:
			return nil, 0, fmt.Errorf("%w: a header is longer than %d bytes", errMalformed, maxHeader)
		case errors.Is(err, io.EOF) && len(raw) > 0:
			return nil, 0, io.ErrUnexpectedEOF
		case err != nil:
			return nil, 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			return nil, 0, fmt.Errorf("%w: %.80q is no header", errMalformed, line)
		}
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = contentLength(string(bytes.TrimSpace(value))); err != nil {
				return nil, 0, err
			}
		}
	}
	if length < 0 {
		return nil, 0, fmt.Errorf("%w: a header without Content-Length", errMalformed)
	}
	return raw, length, nil
}

func contentLength(value string) (int, error) {
	length, err := strconv.ParseUint(value, 10, 63)
	switch {
	case err != nil || length == 0:
		return 0, fmt.Errorf("%w: Content-Length is %.40q", errMalformed, value)
	case length > maxBody:
		return 0, fmt.Errorf("%w: a message of %d bytes, where %d are the limit", errMalformed, length, maxBody)
	}
	return int(length), nil
}

// body appends the body to the header.
func (f *frames) body(raw []byte, length int) ([]byte, error) {
	head := len(raw)
	for have := 0; have < length; have = len(raw) - head {
		part := min(length-have, max(trusted, have)) // doubling: a wrong header is not worth 256 MB
		raw = append(raw, make([]byte, part)...)
		if _, err := io.ReadFull(f.in, raw[head+have:]); errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		} else if err != nil {
			return nil, err
		}
	}
	return raw, nil
}
