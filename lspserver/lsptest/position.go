package lsptest

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// positionOf is the position of a byte of a text.
func positionOf(text string, offset int, encoding string) Position {
	begin := strings.LastIndexByte(text[:offset], '\n') + 1
	return Position{
		Line:      strings.Count(text[:offset], "\n"),
		Character: units(text[begin:offset], encoding),
	}
}

// offsetOf is the byte at a position; beyond the end of a line, as LSP says, its end.
func offsetOf(text string, at Position, encoding string) int {
	offset := 0
	for range at.Line {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			return len(text)
		}
		offset += next + 1
	}
	for left := at.Character; left > 0 && offset < len(text) && text[offset] != '\n' && text[offset] != '\r'; {
		_, size := utf8.DecodeRuneInString(text[offset:])
		left -= units(text[offset:offset+size], encoding)
		offset += size
	}
	return offset
}

// units counts the characters of a text in an encoding.
func units(text, encoding string) (n int) {
	switch encoding {
	case "utf-8":
		return len(text)
	case "utf-32":
		return utf8.RuneCountInString(text)
	}
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
