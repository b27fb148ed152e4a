package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// How values of a column can be compared.
var (
	lobs = []string{"BLOB", "CLOB", "NCLOB"}
	// Kinds without any comparison in SQL, or with none that is exact.
	opaque = []string{"LONG", "LONG RAW", "BFILE", "XMLTYPE", "JSON", "ANYDATA", "VECTOR"}
)

// compare is a query that counts what differs between two tables of the same columns: 0 means that
// they hold the same rows. It is "" when the rows can't be compared.
func compare(t *table, left, right string) string {
	var plain, large []columnDef
	for _, c := range t.columns {
		switch {
		case c.virtual:
		case slices.Contains(lobs, c.kind):
			large = append(large, c)
		case slices.Contains(opaque, c.kind) || !builtIn(c.kind):
			return ""
		default:
			plain = append(plain, c)
		}
	}
	switch {
	case len(large) == 0:
		return compareAsSets(plain, left, right)
	case len(t.key) > 0:
		return compareByKey(t.key, plain, large, left, right)
	}
	return ""
}

// builtIn tells Oracle's scalar kinds from types of the user's.
func builtIn(kind string) bool {
	kind, _, _ = strings.Cut(kind, "(")
	return slices.Contains([]string{
		"NUMBER", "FLOAT", "BINARY_FLOAT", "BINARY_DOUBLE", "CHAR", "NCHAR", "VARCHAR2", "NVARCHAR2", "DATE", "TIMESTAMP",
		"INTERVAL DAY", "INTERVAL YEAR", "RAW", "ROWID", "UROWID", "BOOLEAN",
	}, strings.TrimSpace(kind))
}

// compareAsSets counts equal rows, so that it also serves tables without a key. A NULL equals a NULL
// for GROUP BY and MINUS.
func compareAsSets(columns []columnDef, left, right string) string {
	exact := make([]string, len(columns))
	for i, c := range columns {
		exact[i] = c.exact("")
	}
	list := strings.Join(exact, ", ")
	return fmt.Sprintf(`SELECT (SELECT COUNT(*) FROM (SELECT %[1]s, COUNT(*) FROM %[2]s GROUP BY %[1]s MINUS SELECT %[1]s, COUNT(*) FROM %[3]s GROUP BY %[1]s)) +
ABS((SELECT COUNT(*) FROM %[2]s) - (SELECT COUNT(*) FROM %[3]s)) FROM DUAL`, list, left, right)
}

// compareByKey compares row with row, as large objects know no sets.
func compareByKey(key []string, plain, large []columnDef, left, right string) string {
	var same, differ []string
	for _, c := range key {
		same = append(same, fmt.Sprintf("a.%[1]s = b.%[1]s", quote(c)))
	}
	first := quote(key[0])
	differ = append(differ, fmt.Sprintf("a.%[1]s IS NULL OR b.%[1]s IS NULL", first))
	for _, c := range plain {
		differ = append(differ, fmt.Sprintf("%[2]s <> %[3]s OR (a.%[1]s IS NULL AND b.%[1]s IS NOT NULL) OR (a.%[1]s IS NOT NULL AND b.%[1]s IS NULL)",
			quote(c.name), c.exact("a."), c.exact("b.")))
	}
	for _, c := range large {
		differ = append(differ, fmt.Sprintf(
			"NVL(DBMS_LOB.COMPARE(a.%[1]s, b.%[1]s), CASE WHEN a.%[1]s IS NULL AND b.%[1]s IS NULL THEN 0 ELSE 1 END) <> 0", quote(c.name)))
	}
	return fmt.Sprintf("SELECT COUNT(*) FROM (SELECT * FROM %s) a FULL OUTER JOIN (SELECT * FROM %s) b ON %s\nWHERE %s",
		left, right, strings.Join(same, " AND "), strings.Join(differ, "\nOR "))
}

// exact is a column as it has to be compared.
func (c columnDef) exact(of string) string {
	if c.collated {
		return of + quote(c.name) + " COLLATE BINARY"
	}
	return of + quote(c.name)
}
