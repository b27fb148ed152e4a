package report

import "strings"

// comparison shows what was expected beside what came: two lines where each is one, a
// diff otherwise.
func (p *page) comparison(expected, actual string) {
	a, b := lines(clean(expected, false)), lines(clean(actual, false))
	if strings.Join(a, "\n") == strings.Join(b, "\n") {
		p.line(indent, p.paint(dim, "expected and actual print alike:"))
		p.edits(same(nil, a))
		return
	}
	if len(a) == 1 && len(b) == 1 {
		p.inline(a[0], b[0])
		return
	}
	p.line(indent, p.paint(red, "- expected"), "  ", p.paint(green, "+ actual"))
	p.edits(fold(diffLines(a, b), 3))
}

// inline marks the part that differs, unless nearly everything does.
func (p *page) inline(expected, actual string) {
	head, midA, midB, tail := differing(expected, actual)
	mark := ";" + changed
	if 2*len(head+tail) < len(midA+midB) {
		mark = ""
	}
	draw := func(sign, style, mid string) {
		p.line(indent, p.paint(style, sign+head), p.paint(style+mark, mid), p.paint(style, tail))
	}
	draw("- expected  ", red, midA)
	draw("+ actual    ", green, midB)
}

// manyEdits is how many lines of a diff are shown.
const manyEdits = 80

func (p *page) edits(edits []edit) {
	shown := edits
	if len(edits) > manyEdits && !p.full {
		shown = edits[:manyEdits]
	}
	styles := map[rune]string{' ': plain, '-': red, '+': green, '…': dim}
	for _, e := range shown {
		p.line(indent, p.paint(styles[e.op], strings.TrimRight(string(e.op)+" "+e.text, " ")))
	}
	if left := len(edits) - len(shown); left > 0 {
		p.line(indent, p.paint(dim, "… "+count(left, "more line", "more lines")+", -v 2 shows all"))
	}
}
