package oracle

import (
	"regexp"
	"strings"

	"hotclub/dbclone"
)

// longest is what a name may have in bytes on every Oracle; newer ones allow 128.
const longest = 30

// userOf is the user who is the database of a spot. A template is found by its label, as it keeps
// the user that it was built with.
func userOf(at dbclone.Spot) string { return strings.ToUpper(at.Name) }

var spotName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// wellNamed keeps names that are not ours to make out of every statement.
func wellNamed(at dbclone.Spot) bool {
	return len(at.Name) <= longest && spotName.MatchString(at.Name)
}

// quote makes an identifier of a name as the dictionary has it. Oracle allows no quotation mark in
// a name, so one that is there would end the identifier early.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, "") + `"` }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}

// literal makes a text literal, for statements that take no parameters.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// unquoted reads a name as Django's statements write it: upper case unless it is quoted.
func unquoted(name string) string {
	if inner, ok := strings.CutPrefix(name, `"`); ok {
		return strings.TrimSuffix(inner, `"`)
	}
	return strings.ToUpper(name)
}

// renamer replaces a user's name in DDL, quoted or not, in either case. Names of our users occur
// nowhere by chance.
func renamer(from, to string) func(string) string {
	whole := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(from) + `\b`)
	return func(text string) string {
		return whole.ReplaceAllStringFunc(text, func(found string) string {
			if found == strings.ToLower(found) {
				return strings.ToLower(to)
			}
			return to
		})
	}
}
