package text

import (
	"fmt"
	"slices"

	"go.lsp.dev/protocol"
)

// Whole is the edit offset of a change that replaced all of the text.
const Whole = -1

// Apply makes the next version from the changes of one didChange, each of which builds on
// the one before it. It also tells at which byte the last edit ended, for
// outline.Read, or [Whole]. It fails only for a kind of change that LSP does not
// know yet.
func (b *Buffer) Apply(version int32, changes []protocol.TextDocumentContentChangeEvent) (next *Buffer, edited int, err error) {
	next = &Buffer{version: version, text: b.text, encoding: b.encoding, lines: b.lines}
	edited = Whole
	owned := false // whether lines is next's own, to be changed in place
	for _, change := range changes {
		switch c := change.(type) {
		case *protocol.TextDocumentContentChangeWholeDocument:
			next, edited, owned = New(version, c.Text, b.encoding), Whole, true
		case *protocol.TextDocumentContentChangePartial:
			if !owned {
				next.lines, owned = slices.Clone(next.lines), true
			}
			edited = next.replace(c.Range, c.Text)
		default:
			return nil, Whole, fmt.Errorf("version %d: a change of the unknown kind %T", version, change)
		}
	}
	return next, edited, nil
}

// replace changes a range of a buffer that nobody has seen yet, and returns where the edit
// ends. A range that ends before it starts is taken the other way round, as VS Code does.
func (b *Buffer) replace(r protocol.Range, by string) (edited int) {
	from, to := b.Offset(r.Start), b.Offset(r.End)
	from, to = min(from, to), max(from, to)
	b.text = b.text[:from] + by + b.text[to:]
	b.shift(from, to, from+len(by))
	return from + len(by)
}

// shift corrects the line starts after the bytes from..to were replaced by from..end. Those
// before stay, those behind move; in between, the new text is looked at, and the byte on
// either side of it, which may have become half of a \r\n or ceased to be.
func (b *Buffer) shift(from, to, end int) {
	first, _ := slices.BinarySearch(b.lines, int32(from))
	behind, _ := slices.BinarySearch(b.lines, int32(to+1))
	first, behind = max(first, 1), max(behind, 1) // the first line begins at 0 whatever happens
	if by := int32(end - to); by != 0 {
		for i := behind; i < len(b.lines); i++ {
			b.lines[i] += by
		}
	}
	var space [16]int32
	b.lines = slices.Replace(b.lines, first, behind, appendStarts(space[:0], b.text, from, end)...)
}
