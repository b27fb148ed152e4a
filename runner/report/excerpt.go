package report

import (
	"bufio"
	"io"
	"os"
	"strings"
)

// sourceLine is a numbered line of a file.
type sourceLine struct {
	number int
	text   string
}

// largestSource keeps a generated file of many megabytes from being read for five lines.
const largestSource = 8 << 20

// excerpt reads the lines around one from the disk, without the indentation that all of
// them share. A file that is gone or shorter by now gives none: an excerpt is a comfort.
func excerpt(file string, line, context int) []sourceLine {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || line < 1 {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()

	var found []sourceLine
	scanner := bufio.NewScanner(io.LimitReader(f, largestSource))
	scanner.Buffer(nil, largestSource)
	for number := 1; number <= line+context && scanner.Scan(); number++ {
		if number >= line-context {
			text := strings.TrimRight(clean(scanner.Text(), false), " \t\n")
			found = append(found, sourceLine{number, strings.ReplaceAll(text, "\t", "    ")})
		}
	}
	if len(found) == 0 || found[len(found)-1].number < line {
		return nil
	}
	return dedent(found)
}

func dedent(found []sourceLine) []sourceLine {
	indent := -1
	for _, l := range found {
		if width := len(l.text) - len(strings.TrimLeft(l.text, " ")); l.text != "" && (indent < 0 || width < indent) {
			indent = width
		}
	}
	for i := range found {
		if found[i].text != "" {
			found[i].text = found[i].text[indent:]
		}
	}
	return found
}
