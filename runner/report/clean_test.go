package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for name, test := range map[string]struct{ in, plain, colors string }{
		"ordinary":           {"a\tb\nc é 漢", "a\tb\nc é 漢", "a\tb\nc é 漢"},
		"colour":             {"\x1b[1;31mred\x1b[0m", "red", "\x1b[1;31mred\x1b[0m"},
		"colour of 24 bits":  {"\x1b[38:2::1:2:3mx\x1b[m", "x", "\x1b[38:2::1:2:3mx\x1b[m"},
		"cursor":             {"a\x1b[2J\x1b[1;1Hb", "ab", "ab"},
		"private mode":       {"\x1b[?1049hx", "x", "x"},
		"not quite a colour": {"\x1b[>4;2mx", "x", "x"},
		"title":              {"\x1b]0;root@host\aok", "ok", "ok"},
		"link":               {"\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text", "text"},
		"device control":     {"\x1bP$q\"p\x1b\\ok", "ok", "ok"},
		"unterminated":       {"\x1b]0;the rest stays", "0;the rest stays", "0;the rest stays"},
		"cut colour":         {"a\x1b[3", "a", "a"},
		"lone escape":        {"a\x1b", "a", "a"},
		"character set":      {"\x1b(0lqk", "lqk", "lqk"},
		"reset":              {"\x1bcx", "x", "x"},
		"backspace":          {"FAILED\b\b\b\b\b\bok\a", "FAILEDok", "FAILEDok"},
		"overwritten line":   {"FAILED\rpassed\r\nend\r", "FAILED\npassed\nend", "FAILED\npassed\nend"},
		"C1":                 {"a\u009b31mb\u0085c", "a31mbc", "a31mbc"},
		"invalid bytes":      {"a\xff\xc3(b", "a\ufffd\ufffd(b", "a\ufffd\ufffd(b"},
		"other direction":    {"a\u202ecba\u2069", "acba", "acba"},
	} {
		if got := clean(test.in, false); got != test.plain {
			t.Errorf("%s: clean(%q, false) = %q, want %q", name, test.in, got, test.plain)
		}
		if got := clean(test.in, true); got != test.colors {
			t.Errorf("%s: clean(%q, true) = %q, want %q", name, test.in, got, test.colors)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m \x1b]0;t\a\r\n\xff")
	f.Add("\x1b\x1b[\x1b]8;;x\x1b\\y\x1bPq\x1b[1mz")
	f.Add("\u009b2J\x9b2J\r\r\n\x7f\u202e")
	f.Fuzz(func(t *testing.T, in string) {
		for _, colors := range []bool{false, true} {
			got := clean(in, colors)
			if !utf8.ValidString(got) {
				t.Fatalf("clean(%q, %v) is no UTF-8: %q", in, colors, got)
			}
			if again := clean(got, colors); again != got {
				t.Fatalf("clean(%q, %v) = %q, and cleaned again %q", in, colors, got, again)
			}
			for rest := got; colors && strings.ContainsRune(rest, escape); {
				i := strings.IndexByte(rest, escape)
				n := sequenceLen(rest[i:])
				if !isColor(rest[i : i+n]) {
					t.Fatalf("clean(%q, true) keeps %q", in, rest[i:i+n])
				}
				got, rest = strings.Replace(got, rest[i:i+n], "", 1), rest[i+n:]
			}
			for _, r := range got {
				if unicode.IsControl(r) && r != '\n' && r != '\t' {
					t.Fatalf("clean(%q, %v) keeps %q", in, colors, r)
				}
			}
		}
	})
}

func TestXMLText(t *testing.T) {
	if got := xmlText("a\x00b\ufffe\x1b[0m\x0b\uffff"); got != "ab\ufffd\ufffd" {
		t.Errorf("xmlText = %q", got)
	}
}
