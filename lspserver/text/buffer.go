package text

import (
	"slices"
	"strings"

	"go.lsp.dev/protocol"
)

// Buffer is one version of a document.
type Buffer struct {
	version  int32
	text     string
	encoding Encoding
	lines    []int32 // offset of each line's first byte; LSP's frames end long before 2 GiB
}

// New makes a buffer of a whole text, of which it keeps a copy of its own: strings that
// come out of package protocol keep the message alive that they came with.
func New(version int32, text string, encoding Encoding) *Buffer {
	text = strings.Clone(text)
	lines := make([]int32, 1, 1+strings.Count(text, "\n"))
	return &Buffer{version: version, text: text, encoding: encoding, lines: appendStarts(lines, text, 1, len(text))}
}

// Version is the editor's number of this version.
func (b *Buffer) Version() int32 { return b.version }

// Text is the whole text.
func (b *Buffer) Text() string { return b.text }

// Encoding is what the columns of this buffer's positions count.
func (b *Buffer) Encoding() Encoding { return b.encoding }

// Lines counts the lines. A text that ends with a line end has an empty line after it.
func (b *Buffer) Lines() int { return len(b.lines) }

// Line is the text of a line, from 0, without its end; empty for a line that is not there.
func (b *Buffer) Line(n int) string {
	if n < 0 || n >= len(b.lines) {
		return ""
	}
	start, end := b.bounds(n)
	return b.text[start:end]
}

// Offset is the byte offset of a position. A column past the end of its line means the end
// of that line, a line past the last one the end of the text, and a column within a
// character the beginning of that character.
func (b *Buffer) Offset(p protocol.Position) int {
	if uint64(p.Line) >= uint64(len(b.lines)) {
		return len(b.text)
	}
	start, end := b.bounds(int(p.Line))
	return start + b.encoding.Bytes(b.text[start:end], p.Character)
}

// Position is the position of a byte offset; an offset within a line end is the end of its
// line, and one outside of the text is moved to the nearer end of it.
func (b *Buffer) Position(offset int) protocol.Position {
	offset = min(max(offset, 0), len(b.text))
	n, found := slices.BinarySearch(b.lines, int32(offset))
	if !found {
		n--
	}
	return b.At(n, offset-int(b.lines[n]))
}

// At is the position of a byte column of a line, both from 0.
func (b *Buffer) At(line, bytes int) protocol.Position {
	line = min(max(line, 0), len(b.lines)-1)
	return protocol.Position{Line: uint32(line), Character: b.encoding.Column(b.Line(line), bytes)}
}

// bounds are the offsets of a line's text, without its end.
func (b *Buffer) bounds(n int) (start, end int) {
	start, end = int(b.lines[n]), len(b.text)
	if n+1 == len(b.lines) {
		return start, end
	}
	end = int(b.lines[n+1]) - 1
	if b.text[end] == '\n' && end > start && b.text[end-1] == '\r' {
		end--
	}
	return start, end
}

// appendStarts adds the offsets from..to of text at which a line begins: behind \n, \r\n
// and a \r that no \n follows. Whether one does depends on the two bytes around it only.
func appendStarts(lines []int32, text string, from, to int) []int32 {
	for at := max(from, 1); at <= to; at++ {
		switch text[at-1] {
		case '\n':
			lines = append(lines, int32(at))
		case '\r':
			if at == len(text) || text[at] != '\n' {
				lines = append(lines, int32(at))
			}
		}
	}
	return lines
}
