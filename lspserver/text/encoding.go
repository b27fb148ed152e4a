package text

import (
	"slices"
	"unicode/utf8"

	"go.lsp.dev/protocol"
)

// Encoding is what the column of a position counts.
type Encoding uint8

const (
	UTF16 Encoding = iota // UTF-16 code units, LSP's default
	UTF8                  // bytes
)

// Negotiate chooses among the encodings that a client offers, best first: UTF-8, because
// nothing has to be counted then; else UTF-16, which every client knows.
func Negotiate(offered []protocol.PositionEncodingKind) Encoding {
	if slices.Contains(offered, protocol.PositionEncodingKindUTF8) {
		return UTF8
	}
	return UTF16
}

// EncodingOf reads the positionEncoding of a server's capabilities; absent, it is UTF-16.
func EncodingOf(kind protocol.PositionEncodingKind) Encoding {
	if kind == protocol.PositionEncodingKindUTF8 {
		return UTF8
	}
	return UTF16
}

// Kind is the name of the encoding in LSP.
func (e Encoding) Kind() protocol.PositionEncodingKind {
	if e == UTF8 {
		return protocol.PositionEncodingKindUTF8
	}
	return protocol.PositionEncodingKindUTF16
}

// Column converts a byte column of a line, as Python's ast reports it, to a column of LSP.
// One past the end of the line is the end of the line; one within a character is where
// that character begins.
func (e Encoding) Column(line string, bytes int) uint32 {
	bytes = floor(line, min(max(bytes, 0), len(line)))
	if e == UTF8 {
		return uint32(bytes)
	}
	units := 0
	for _, r := range line[:bytes] {
		units += width(r)
	}
	return uint32(units)
}

// Bytes is the inverse of Column, with the same rules for what lies outside.
func (e Encoding) Bytes(line string, column uint32) int {
	if e == UTF8 {
		return floor(line, int(min(uint64(column), uint64(len(line)))))
	}
	var units uint64
	for i, r := range line {
		if units += uint64(width(r)); units > uint64(column) {
			return i
		}
	}
	return len(line)
}

// width is the number of UTF-16 units of a character. A byte that belongs to none counts
// as one, like the U+FFFD by which an editor shows it.
func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// floor moves an offset that lies within a character to where the character begins.
func floor(s string, at int) int {
	if at == len(s) || utf8.RuneStart(s[at]) {
		return at
	}
	for start := at - 1; start >= 0 && at-start < utf8.UTFMax; start-- {
		if utf8.RuneStart(s[start]) {
			if _, size := utf8.DecodeRuneInString(s[start:]); start+size > at {
				return start
			}
			break
		}
	}
	return at // not UTF-8: each byte stands for itself
}
