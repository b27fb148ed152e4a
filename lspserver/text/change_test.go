package text_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"
	"pgregory.net/rapid"

	"hotclub/lspserver/text"
)

type changes = []protocol.TextDocumentContentChangeEvent

func part(from, to protocol.Position, by string) protocol.TextDocumentContentChangeEvent {
	return &protocol.TextDocumentContentChangePartial{Range: protocol.Range{Start: from, End: to}, Text: by}
}

func whole(source string) protocol.TextDocumentContentChangeEvent {
	return &protocol.TextDocumentContentChangeWholeDocument{Text: source}
}

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		before  string
		changes changes
		after   string
		edited  int
	}{
		"nothing":           {"a", nil, "a", text.Whole},
		"insert":            {"ab", changes{part(at(0, 1), at(0, 1), "xy")}, "axyb", 3},
		"delete":            {"a\nb\nc", changes{part(at(0, 1), at(2, 0), "")}, "ac", 1},
		"whole":             {"a\nb", changes{whole("c\n")}, "c\n", text.Whole},
		"whole, then part":  {"a\nb", changes{whole("c\n"), part(at(1, 0), at(1, 0), "d")}, "c\nd", 3},
		"part, then whole":  {"a", changes{part(at(0, 0), at(0, 0), "d"), whole("c")}, "c", text.Whole},
		"one after another": {"a\nb", changes{part(at(1, 1), at(1, 1), "c\n"), part(at(2, 0), at(2, 0), "d")}, "a\nbc\nd", 6},
		"backwards":         {"abcd", changes{part(at(0, 3), at(0, 1), "-")}, "a-d", 2},
		"past the end":      {"a\nb", changes{part(at(0, 9), at(7, 7), "!")}, "a!", 2},
		"splits \\r\\n":     {"a\r\nb", changes{part(at(0, 1), at(0, 1), "\r")}, "a\r\r\nb", 2},
		"half a character":  {"😀", changes{part(at(0, 1), at(0, 1), "x")}, "x😀", 1},
	} {
		b := text.New(1, c.before, text.UTF16)
		next, edited, err := b.Apply(2, c.changes)
		if err != nil || next.Text() != c.after || edited != c.edited || next.Version() != 2 || next.Encoding() != text.UTF16 {
			t.Errorf("%s: %q, edited at %d, version %d, %v", name, next.Text(), edited, next.Version(), err)
		}
		if b.Text() != c.before || b.Version() != 1 {
			t.Errorf("%s: the version before became %q", name, b.Text())
		}
	}
	if _, _, err := text.New(1, "", text.UTF8).Apply(2, changes{nil}); err == nil {
		t.Error("a change of no kind was applied")
	}
}

// A \r\n that an edit takes apart or puts together changes the lines next to the edit.
func TestLineEndsAtTheEdgeOfAnEdit(t *testing.T) {
	join := text.New(1, "a\r", text.UTF8)
	next, _, _ := join.Apply(2, changes{part(at(1, 0), at(1, 0), "\nb")})
	if next.Text() != "a\r\nb" || next.Lines() != 2 || next.Line(1) != "b" {
		t.Errorf("%q has %d lines", next.Text(), next.Lines())
	}
	next, _, _ = text.New(1, "a\rx\nb", text.UTF8).Apply(2, changes{part(at(1, 0), at(1, 1), "")})
	if next.Text() != "a\r\nb" || next.Lines() != 2 {
		t.Errorf("%q has %d lines", next.Text(), next.Lines())
	}
}

// model does with units, bytes or UTF-16 ones, what Buffer does with an index of lines.
type model []uint16

func newModel(source string, e text.Encoding) (m model) {
	if e == text.UTF16 {
		return utf16.Encode([]rune(source))
	}
	for _, b := range []byte(source) {
		m = append(m, uint16(b))
	}
	return m
}

func (m model) String(e text.Encoding) string {
	if e == text.UTF16 {
		return string(utf16.Decode(m))
	}
	var b []byte
	for _, unit := range m {
		b = append(b, byte(unit))
	}
	return string(b)
}

// index walks to a position unit by unit.
func (m model) index(p protocol.Position, e text.Encoding) int {
	i := 0
	for line := uint32(0); line < p.Line; i++ {
		if i == len(m) {
			return i
		}
		if m[i] == '\n' || m[i] == '\r' && (i+1 == len(m) || m[i+1] != '\n') {
			line++
		}
	}
	for column := uint32(0); column < p.Character && i < len(m) && m[i] != '\n' && m[i] != '\r'; column++ {
		i++
	}
	for i < len(m) && (e == text.UTF16 && m[i]&0xfc00 == 0xdc00 || e == text.UTF8 && !utf8.RuneStart(byte(m[i]))) {
		i--
	}
	return i
}

func (m model) apply(c *protocol.TextDocumentContentChangePartial, e text.Encoding) model {
	from, to := m.index(c.Range.Start, e), m.index(c.Range.End, e)
	if from > to {
		from, to = to, from
	}
	return slices.Concat(m[:from], newModel(c.Text, e), m[to:])
}

var sources = rapid.StringOfN(rapid.RuneFrom([]rune("ab é😀𝄞\r\n\t")), 0, 60, -1)

func positions() *rapid.Generator[protocol.Position] {
	return rapid.Custom(func(t *rapid.T) protocol.Position {
		return at(rapid.Uint32Range(0, 12).Draw(t, "line"), rapid.Uint32Range(0, 12).Draw(t, "column"))
	})
}

func TestAgreesWithNaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom([]text.Encoding{text.UTF8, text.UTF16}).Draw(t, "encoding")
		source := sources.Draw(t, "source")
		b, m := text.New(0, source, e), newModel(source, e)
		for version := range rapid.Int32Range(1, 8).Draw(t, "versions") {
			var list changes
			edited := text.Whole
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				from, to := positions().Draw(t, "from"), positions().Draw(t, "to")
				c := part(from, to, sources.Draw(t, "by")).(*protocol.TextDocumentContentChangePartial)
				edited = len(m[:min(m.index(from, e), m.index(to, e))].String(e)) + len(c.Text)
				list, m = append(list, c), m.apply(c, e)
			}
			next, got, err := b.Apply(version, list)
			if err != nil || next.Text() != m.String(e) || got != edited {
				t.Fatalf("%q edited at %d, %v; want %q edited at %d", next.Text(), got, err, m.String(e), edited)
			}
			b = next
			agrees(t, b)
		}
	})
}

// agrees holds an edited buffer against one that is made anew.
func agrees(t interface{ Fatalf(string, ...any) }, b *text.Buffer) {
	fresh := text.New(b.Version(), b.Text(), b.Encoding())
	if diff := cmp.Diff(lines(fresh), lines(b)); diff != "" {
		t.Fatalf("lines of %q: %s", b.Text(), diff)
	}
	for offset := range len(b.Text()) + 1 {
		p := b.Position(offset)
		if back := b.Offset(p); b.Position(back) != p || back > offset {
			t.Fatalf("byte %d of %q is at %v, which is byte %d", offset, b.Text(), p, back)
		}
	}
}

func lines(b *text.Buffer) (list []string) {
	for n := range b.Lines() {
		list = append(list, b.Line(n))
	}
	return list
}

func FuzzApply(f *testing.F) {
	f.Add("a😀\r\nb", uint32(0), uint32(2), uint32(1), uint32(9), "\n", true)
	f.Add("\xff\r", uint32(1), uint32(0), uint32(1<<31), uint32(0), "\nx", false)
	f.Fuzz(func(t *testing.T, source string, l1, c1, l2, c2 uint32, by string, bytes bool) {
		e := text.UTF16
		if bytes {
			e = text.UTF8
		}
		b, edited, err := text.New(1, source, e).Apply(2, changes{part(at(l1, c1), at(l2, c2), by)})
		if err != nil || edited < len(by) || edited > len(b.Text()) {
			t.Fatalf("edited at %d of %q, %v", edited, b.Text(), err)
		}
		agrees(t, b)
	})
}

func python(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "    def test_%06d(self): pass\n", i)
	}
	return b.String()
}

func BenchmarkNew(b *testing.B) {
	source := python(50_000)
	for b.Loop() {
		text.New(1, source, text.UTF16)
	}
}

// BenchmarkApply types one character in the middle of the file.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		b.Run(fmt.Sprintf("%d lines", n), func(b *testing.B) {
			buffer := text.New(1, python(n), text.UTF16)
			edit := changes{part(at(uint32(n/2), 8), at(uint32(n/2), 9), "x")}
			for b.Loop() {
				buffer, _, _ = buffer.Apply(buffer.Version()+1, edit)
			}
		})
	}
}
