package mysql

import (
	"regexp"
	"strconv"
	"strings"
)

// name quotes an identifier.
func name(identifier string) string {
	return "`" + strings.ReplaceAll(identifier, "`", "``") + "`"
}

func names(identifiers []string) string {
	quoted := make([]string, len(identifiers))
	for i, each := range identifiers {
		quoted[i] = name(each)
	}
	return strings.Join(quoted, ", ")
}

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `''`)

// text quotes a string. The sessions here never have NO_BACKSLASH_ESCAPES.
func text(s string) string { return "'" + escapes.Replace(s) + "'" }

// renamed is a statement about one database, about another. Names of databases of ours are unique,
// so whatever is called so is meant: SHOW CREATE qualifies names, and bodies of triggers and routines
// are as a migration wrote them.
func renamed(statement, from, to string) string {
	if !strings.Contains(statement, from) {
		return statement
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(from) + `\b`)
	return word.ReplaceAllLiteralString(statement, to)
}

// inherited is the collation of a column that has its table's, which MySQL shows where it is not the
// first one of its character set: COLLATE without CHARACTER SET, behind the name and the type.
var inherited = regexp.MustCompile("(?m)^(  `(?:[^`]|``)+` [a-z]+(?:\\((?:[^')]|'(?:[^'\\\\]|''|\\\\.)*')*\\))?) COLLATE \\w+")

// withoutInherited takes such collations out of a CREATE TABLE. MySQL would take them for the columns'
// own, and show the table otherwise from then on.
func withoutInherited(create string) string { return inherited.ReplaceAllString(create, "$1") }

// The options stand behind the last line that begins with a parenthesis, and only a comment or the
// name of a file can come with quotes, behind AUTO_INCREMENT.
var counterOption = regexp.MustCompile(`^\)[^']*? AUTO_INCREMENT=(\d+)`)

// splitCounter takes the AUTO_INCREMENT value out of a CREATE TABLE. Zero stands for none.
func splitCounter(create string) (without string, counter uint64) {
	options := strings.LastIndex(create, "\n)") + 1
	found := counterOption.FindStringSubmatchIndex(create[options:])
	if found == nil {
		return create, 0
	}
	digits := create[options+found[2] : options+found[3]]
	counter, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return create, 0
	}
	end := options + found[3]
	return create[:end-len(" AUTO_INCREMENT=")-len(digits)] + create[end:], counter
}

// withCounter puts an AUTO_INCREMENT value into a CREATE TABLE without one.
func withCounter(create string, counter uint64) string {
	options := strings.LastIndex(create, "\n)") + 1
	return create[:options] + strings.Replace(create[options:], " ENGINE=", " AUTO_INCREMENT="+strconv.FormatUint(counter, 10)+" ENGINE=", 1)
}
