package report

import "strings"

// edit is one line of a diff: ' ' for a common line, '-' for one that only the
// expected text has, '+' for one that only the actual text has, '…' for left out ones.
type edit struct {
	op   rune
	text string
}

// largestDiff bounds the table of the comparison, lines times lines. Beyond it all
// expected lines are shown as missing and all actual ones as new.
const largestDiff = 4_000_000

// diffLines compares by lines, with as few edits as possible.
func diffLines(expected, actual []string) []edit {
	head := commonHead(expected, actual)
	tail := commonTail(expected[head:], actual[head:])
	a, b := expected[head:len(expected)-tail], actual[head:len(actual)-tail]

	edits := same(nil, expected[:head])
	if len(a)*len(b) > largestDiff {
		for _, line := range a {
			edits = append(edits, edit{'-', line})
		}
		for _, line := range b {
			edits = append(edits, edit{'+', line})
		}
	} else {
		edits = append(edits, shortest(a, b)...)
	}
	return same(edits, expected[len(expected)-tail:])
}

func commonHead(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonTail(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

func same(edits []edit, lines []string) []edit {
	for _, line := range lines {
		edits = append(edits, edit{' ', line})
	}
	return edits
}

// shortest walks the table of longest common subsequences of all pairs of ends.
func shortest(a, b []string) []edit {
	longest := subsequences(a, b)
	var edits []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{' ', a[i]})
			i++
			j++
		case j == len(b) || i < len(a) && longest[i+1][j] >= longest[i][j+1]:
			edits = append(edits, edit{'-', a[i]})
			i++
		default:
			edits = append(edits, edit{'+', b[j]})
			j++
		}
	}
	return edits
}

// subsequences returns the lengths of the longest common subsequence of a[i:] and b[j:].
func subsequences(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	for i := range table {
		table[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// fold replaces common lines further than context from any change by one mark.
func fold(edits []edit, context int) []edit {
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e.op != ' ' {
			for k := max(0, i-context); k <= min(len(edits)-1, i+context); k++ {
				near[k] = true
			}
		}
	}
	var folded []edit
	hidden := 0
	for i, e := range edits {
		if near[i] {
			folded = append(unfold(folded, hidden), e)
			hidden = 0
			continue
		}
		hidden++
	}
	return unfold(folded, hidden)
}

func unfold(edits []edit, hidden int) []edit {
	if hidden == 0 {
		return edits
	}
	return append(edits, edit{'…', count(hidden, "equal line", "equal lines")})
}

// differing splits two lines at what both begin with and both end with.
func differing(a, b string) (head, midA, midB, tail string) {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	m := 0
	for m < len(x)-n && m < len(y)-n && x[len(x)-1-m] == y[len(y)-1-m] {
		m++
	}
	return string(x[:n]), string(x[n : len(x)-m]), string(y[n : len(y)-m]), string(x[len(x)-m:])
}

// lines splits text into lines; one at the end that is only a line feed is no line.
func lines(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
