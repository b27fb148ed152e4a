package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
)

func at(line, character uint32) protocol.Position {
	return protocol.Position{Line: line, Character: character}
}

func TestLines(t *testing.T) {
	for source, want := range map[string][]string{
		"":               {""},
		"a":              {"a"},
		"a\n":            {"a", ""},
		"a\r\nb\rc\nd":   {"a", "b", "c", "d"},
		"\r\r\n\n\r":     {"", "", "", "", ""},
		"a\n\rb":         {"a", "", "b"},
		"one\u2028still": {"one\u2028still"}, // LSP knows three line ends
	} {
		b := text.New(1, source, text.UTF16)
		var got []string
		for n := range b.Lines() {
			got = append(got, b.Line(n))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", source, diff)
		}
		if b.Line(-1) != "" || b.Line(b.Lines()) != "" {
			t.Errorf("%q: lines that are not there have text", source)
		}
	}
}

func TestOffset(t *testing.T) {
	const source = "a😀b\r\né\n\nx"
	for _, c := range []struct {
		at          protocol.Position
		utf8, utf16 int
	}{
		{at(0, 0), 0, 0},
		{at(0, 1), 1, 1},
		{at(0, 2), 1, 1}, // within the 😀, in both
		{at(0, 3), 1, 5},
		{at(0, 4), 1, 6},
		{at(0, 5), 5, 6},
		{at(0, 99), 6, 6}, // never within \r\n
		{at(1, 1), 8, 10},
		{at(1, 2), 10, 10},
		{at(2, 0), 11, 11},
		{at(2, 7), 11, 11},
		{at(3, 1), 13, 13},
		{at(4, 0), 13, 13}, // past the last line
		{at(1<<32-1, 1<<32-1), 13, 13},
		{at(0, 1<<32-1), 6, 6},
	} {
		if got := text.New(1, source, text.UTF8).Offset(c.at); got != c.utf8 {
			t.Errorf("%v is at byte %d in UTF-8, want %d", c.at, got, c.utf8)
		}
		if got := text.New(1, source, text.UTF16).Offset(c.at); got != c.utf16 {
			t.Errorf("%v is at byte %d in UTF-16, want %d", c.at, got, c.utf16)
		}
	}
}

func TestPosition(t *testing.T) {
	b := text.New(1, "a😀b\r\né\n", text.UTF16)
	for offset, want := range map[int]protocol.Position{
		-5: at(0, 0), 0: at(0, 0), 1: at(0, 1), 3: at(0, 1), 5: at(0, 3), 6: at(0, 4),
		7: at(0, 4), // between \r and \n
		8: at(1, 0), 10: at(1, 1), 11: at(2, 0), 99: at(2, 0),
	} {
		if got := b.Position(offset); got != want {
			t.Errorf("byte %d is at %v, want %v", offset, got, want)
		}
	}
	for _, c := range []struct{ line, bytes, wantLine, want int }{
		{0, 5, 0, 3}, {0, 99, 0, 4}, {0, -1, 0, 0}, {1, 2, 1, 1}, {-1, 1, 0, 1}, {9, 9, 2, 0},
	} {
		if got := b.At(c.line, c.bytes); got != at(uint32(c.wantLine), uint32(c.want)) {
			t.Errorf("byte %d of line %d is at %v", c.bytes, c.line, got)
		}
	}
}

func TestNotUTF8(t *testing.T) {
	const source = "\xff\xed\xa0\x80x\xf0\x9f" // a stray byte, a lone surrogate, half a character
	for _, e := range []text.Encoding{text.UTF8, text.UTF16} {
		b := text.New(1, source, e)
		for offset := range len(source) + 1 {
			if got := b.Offset(b.Position(offset)); got != offset {
				t.Errorf("%v: byte %d came back as %d", e, offset, got)
			}
		}
	}
}

func TestNegotiate(t *testing.T) {
	for offered, want := range map[string]text.Encoding{
		"": text.UTF16, "utf-16": text.UTF16, "utf-16 utf-8": text.UTF8, "utf-32": text.UTF16, "utf-8 utf-32": text.UTF8,
	} {
		var kinds []protocol.PositionEncodingKind
		for _, kind := range strings.Fields(offered) {
			kinds = append(kinds, protocol.PositionEncodingKind(kind))
		}
		got := text.Negotiate(kinds)
		if got != want {
			t.Errorf("of %q %s was chosen", offered, got.Kind())
		}
		if text.EncodingOf(got.Kind()) != got {
			t.Errorf("%s does not survive its name", got.Kind())
		}
	}
}
