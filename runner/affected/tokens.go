package affected

import "bytes"

// token is a word, a number, a string or a sign of a Python text. Comments are none.
type token struct {
	text   string
	line   int // from 0, of its beginning
	indent int // of its line where it is the first there, else -1
	depth  int // brackets that are open before it
}

func (t token) isString() bool {
	last := t.text[len(t.text)-1]
	return last == '"' || last == '\''
}

func (t token) isName() bool { return nameStart(t.text[0]) && !t.isString() }

// tokens cuts a text. A string that is not closed ends with the text, or with its line.
//
// What a format string of Python 3.12 holds between its braces may contain its own quotation mark
// and is cut there. Nothing of it is lost that way but for one thing: a # in it looks like a
// comment, so on a line with a format string what looks like a comment counts.
//
// paired tells whether all brackets are closed in turn.
func tokens(src []byte) (found []token, paired bool) {
	c := cutter{src: bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), first: true}
	for c.pos < len(c.src) {
		c.next()
		paired = c.depth == 0 && !c.broken
	}
	return c.found, paired || len(c.src) == 0
}

type cutter struct {
	src           []byte
	pos, line     int
	column, depth int
	first, format bool // no token on this line yet; a format string on it
	broken        bool // a bracket was closed that was not open
	found         []token
}

func (c *cutter) next() {
	switch b := c.src[c.pos]; {
	case b == '\n':
		c.pos++
		c.newLine()
	case b == ' ' || b == '\f' || b == '\r':
		c.blank(1)
	case b == '\t':
		c.blank(8 - c.column%8)
	case b == '\\':
		c.joined()
	case b == '#':
		start := c.pos
		for c.pos < len(c.src) && c.src[c.pos] != '\n' {
			c.pos++
		}
		if c.format {
			c.add(start, c.line)
		}
	case b == '"' || b == '\'':
		c.str(c.pos, false)
	case nameStart(b):
		c.name()
	default:
		c.sign(b)
	}
}

// joined skips a backslash and the end of the line that it joins with the next.
func (c *cutter) joined() {
	c.pos++
	if rest := bytes.TrimPrefix(c.src[c.pos:], []byte("\r")); len(rest) > 0 && rest[0] == '\n' {
		c.pos = len(c.src) - len(rest) + 1
		c.line++
	}
}

func (c *cutter) newLine() {
	c.line++
	c.column, c.first, c.format = 0, true, false
}

func (c *cutter) blank(width int) {
	c.pos++
	if c.first {
		c.column += width
	}
}

func (c *cutter) add(start, line int) {
	t := token{text: string(c.src[start:c.pos]), line: line, indent: -1, depth: c.depth}
	if c.first {
		t.indent, c.first = c.column, false
	}
	c.found = append(c.found, t)
}

func (c *cutter) sign(b byte) {
	c.pos++
	c.add(c.pos-1, c.line)
	switch b {
	case '(', '[', '{':
		c.depth++
	case ')', ']', '}':
		c.depth--
		c.broken = c.broken || c.depth < 0
	}
}

// name reads a word or a number, or the string that it is the prefix of.
func (c *cutter) name() {
	start := c.pos
	for c.pos < len(c.src) && nameByte(c.src[c.pos]) {
		c.pos++
	}
	if c.pos < len(c.src) && (c.src[c.pos] == '"' || c.src[c.pos] == '\'') && prefix(c.src[start:c.pos]) {
		c.str(start, bytes.ContainsAny(c.src[start:c.pos], "fFtT"))
		return
	}
	c.add(start, c.line)
}

func (c *cutter) str(start int, format bool) {
	line, quote := c.line, c.src[c.pos]
	end := []byte{quote}
	if bytes.HasPrefix(c.src[c.pos:], []byte{quote, quote, quote}) {
		end = []byte{quote, quote, quote}
	}
	c.pos += len(end)
	lines := 0
	for c.pos < len(c.src) && !bytes.HasPrefix(c.src[c.pos:], end) {
		if c.src[c.pos] == '\\' {
			c.pos++
		}
		if c.pos < len(c.src) && c.src[c.pos] == '\n' {
			if len(end) == 1 && c.src[c.pos-1] != '\\' {
				break
			}
			lines++
		}
		c.pos++
	}
	if c.pos < len(c.src) && c.src[c.pos] == quote {
		c.pos += len(end)
	}
	c.pos = min(c.pos, len(c.src))
	c.add(start, line)
	c.line += lines
	c.format = c.format || format
}

func prefix(word []byte) bool {
	return len(word) <= 2 && len(bytes.Trim(word, "rRbBuUfFtT")) == 0
}

func nameStart(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func nameByte(b byte) bool { return nameStart(b) || b >= '0' && b <= '9' }
