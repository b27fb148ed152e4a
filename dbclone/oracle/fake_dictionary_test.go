package oracle

import (
	"database/sql/driver"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (c *fakeConn) askTables() (rows answer) {
	for _, name := range sortedKeys(c.user.tables) {
		rows = append(rows, values{name, "N", "-", "NO"})
	}
	return rows
}

func (c *fakeConn) askColumns() (rows answer) {
	for _, name := range sortedKeys(c.user.tables) {
		for _, column := range c.user.tables[name].columns {
			row := values{name, column.name, column.kind, "22", "B", nil, nil, "Y", "NO", "NO", "NO", nil, nil}
			if column.generation != "" {
				row[9], row[10], row[12] = "YES", yes(column.generation != "ALWAYS"), `"`+c.user.name+`"."ISEQ$$_1".nextval`
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (c *fakeConn) askConstraints() (rows answer) {
	for _, name := range sortedKeys(c.user.tables) {
		rows = append(rows, values{
			name, fmt.Sprintf("SYS_C%05d", c.user.tables[name].id), "P", "GENERATED NAME", c.user.tables[name].key, nil, nil,
			"NOT DEFERRABLE", "IMMEDIATE", "ENABLED", "VALIDATED", nil,
		})
	}
	for _, name := range sortedKeys(c.user.keys) {
		key := c.user.keys[name]
		deferrable, status := "NOT DEFERRABLE", "DISABLED"
		if key.deferrable {
			deferrable = "DEFERRABLE"
		}
		if key.enabled {
			status = "ENABLED"
		}
		rows = append(rows, values{key.table, name, "R", "USER NAME", key.column, key.parent, key.rule, deferrable, "DEFERRED", status, "VALIDATED", nil})
	}
	return rows
}

func (c *fakeConn) askTriggers() (rows answer) {
	for _, name := range sortedKeys(c.user.triggers) {
		trigger := c.user.triggers[name]
		status := "DISABLED"
		if trigger.enabled {
			status = "ENABLED"
		}
		rows = append(rows, values{trigger.table, name, status})
	}
	return rows
}

func (c *fakeConn) askViews() (rows answer) {
	for _, name := range sortedKeys(c.user.views) {
		rows = append(rows, values{name, c.user.views[name]})
	}
	return rows
}

func (c *fakeConn) askSequences() (rows answer) {
	for _, name := range sortedKeys(c.user.sequences) {
		rows = append(rows, values{name, "1", "9999", "1", "N", "N", "20", fmt.Sprint(c.user.sequences[name])})
	}
	return rows
}

func (c *fakeConn) askIdentities() (rows answer) {
	for _, name := range sortedKeys(c.user.tables) {
		for _, column := range c.user.tables[name].columns {
			if column.generation != "" {
				rows = append(rows, values{name, column.name, column.generation, fmt.Sprint(c.user.tables[name].next)})
			}
		}
	}
	return rows
}

func (c *fakeConn) askNumbers() (rows answer) {
	for _, name := range sortedKeys(c.user.sequences) {
		rows = append(rows, values{name, c.user.sequences[name]})
	}
	for _, name := range sortedKeys(c.user.tables) {
		if t := c.user.tables[name]; t.numbered() {
			rows = append(rows, values{"ISEQ$$_" + fmt.Sprint(t.id), t.next})
		}
	}
	return rows
}

func (t *fakeTable) numbered() bool {
	return slices.ContainsFunc(t.columns, func(c fakeColumn) bool { return c.generation != "" })
}

func (c *fakeConn) askKinds() (rows answer) {
	for _, kind := range append([]string{"TABLE", "SEQUENCE", "INDEX", "VIEW", "TRIGGER"}, c.user.strange...) {
		rows = append(rows, values{kind})
	}
	return rows
}

func (c *fakeConn) askObjects() (rows answer) {
	now := fmt.Sprintf("%014d", c.second)
	for _, name := range sortedKeys(c.user.tables) {
		rows = append(rows, values{"TABLE", name, "VALID", fmt.Sprintf("%014d", c.user.tables[name].made), now})
	}
	for _, name := range sortedKeys(c.user.triggers) {
		rows = append(rows, values{"TRIGGER", name, "VALID", fmt.Sprintf("%014d", c.user.triggers[name].made), now})
	}
	return rows
}

// askAll is in the order in which things are dropped.
func (c *fakeConn) askAll() (rows answer) {
	for _, name := range sortedKeys(c.user.views) {
		rows = append(rows, values{"VIEW", name})
	}
	for _, name := range sortedKeys(c.user.tables) {
		rows = append(rows, values{"TABLE", name})
	}
	for _, name := range sortedKeys(c.user.sequences) {
		rows = append(rows, values{"SEQUENCE", name})
	}
	return rows
}

func (c *fakeConn) askDDL(args values) (rows answer, _ int64, _ error) {
	owned := `"` + c.user.name + `".`
	switch args[1] {
	case "TABLE":
		for _, name := range sortedKeys(c.user.tables) {
			rows = append(rows, values{name, owned + c.user.tables[name].ddl(name)})
		}
	case "SEQUENCE":
		for _, name := range sortedKeys(c.user.sequences) {
			rows = append(rows, values{name, fmt.Sprintf(`%s"%s" START WITH %d CACHE 20`, owned, name, c.user.sequences[name])})
		}
	case "VIEW":
		for _, name := range sortedKeys(c.user.views) {
			rows = append(rows, values{name, owned + `"` + name + `" AS ` + c.user.views[name]})
		}
	case "TRIGGER":
		for _, name := range sortedKeys(c.user.triggers) {
			trigger := c.user.triggers[name]
			rows = append(rows, values{name, fmt.Sprintf("%[1]s\"%[2]s\" BEFORE INSERT ON %[1]s\"%[3]s\" BEGIN NULL; END;\nALTER TRIGGER %[1]s\"%[2]s\" ENABLE", owned, name, trigger.table)})
		}
	}
	verb := map[driver.Value]string{"TABLE": "CREATE TABLE ", "SEQUENCE": "CREATE SEQUENCE ", "VIEW": "CREATE OR REPLACE FORCE VIEW ", "TRIGGER": "CREATE OR REPLACE TRIGGER "}
	for _, row := range rows {
		row[1] = "\n  " + verb[args[1]] + row[1].(string)
	}
	return rows, 0, nil
}

func (t *fakeTable) ddl(name string) string {
	var parts []string
	for _, column := range t.columns {
		part := fmt.Sprintf(`"%s" %s`, column.name, column.kind)
		switch column.generation {
		case "ALWAYS":
			part += " GENERATED ALWAYS AS IDENTITY"
		case "BY DEFAULT":
			part += " GENERATED BY DEFAULT ON NULL AS IDENTITY"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf(`"%s" (%s, PRIMARY KEY ("%s"))`, name, strings.Join(parts, ", "), t.key)
}

func (c *fakeConn) askKeysDDL() (rows answer) {
	owned := `"` + c.user.name + `".`
	for _, name := range sortedKeys(c.user.keys) {
		key := c.user.keys[name]
		ddl := fmt.Sprintf(`ALTER TABLE %s"%s" ADD CONSTRAINT "%s" FOREIGN KEY ("%s") REFERENCES %s"%s" ("ID")`, owned, key.table, name, key.column, owned, key.parent)
		if key.rule == "CASCADE" {
			ddl += " ON DELETE CASCADE"
		}
		if key.deferrable {
			ddl += " DEFERRABLE INITIALLY DEFERRED"
		}
		rows = append(rows, values{name, ddl + " ENABLE"})
	}
	return rows
}

var (
	columnText = regexp.MustCompile(`"(\w+)" (NUMBER|NCLOB|VARCHAR2)(?: GENERATED (ALWAYS|BY DEFAULT)(?: ON NULL)? AS IDENTITY)?`)
	keyText    = regexp.MustCompile(`PRIMARY KEY \("(\w+)"\)`)
)

// mine refuses DDL that still names another user.
func (c *fakeConn) mine(names ...string) error {
	for _, name := range names {
		if name != "" && name != c.user.name {
			return said("ORA-01031", "insufficient privileges: "+name+" is another schema")
		}
	}
	return nil
}

func (c *fakeConn) createTable(m []string) error {
	if err := c.mine(m[1]); err != nil {
		return err
	}
	if c.user.tables[m[2]] != nil {
		return said("ORA-00955", "name is already used by an existing object")
	}
	c.ids++
	t := &fakeTable{next: 1, made: c.second, id: c.ids, key: keyText.FindStringSubmatch(m[3])[1]}
	for _, column := range columnText.FindAllStringSubmatch(m[3], -1) {
		t.columns = append(t.columns, fakeColumn{column[1], column[2], column[3]})
	}
	c.user.tables[m[2]] = t
	return nil
}

func (c *fakeConn) createSequence(m []string) error {
	c.user.sequences[m[2]] = atoi(m[3])
	return c.mine(m[1])
}

func (c *fakeConn) addKey(m []string) error {
	key := &fakeKey{table: m[2], column: m[4], parent: m[6], rule: "NO ACTION", deferrable: m[8] != "", enabled: true}
	if m[7] != "" {
		key.rule = "CASCADE"
	}
	c.user.keys[m[3]] = key
	c.user.tables[m[2]].made = c.second
	if err := c.mine(m[1], m[5]); err != nil {
		return err
	}
	return c.user.checkKeys()
}

func (c *fakeConn) createView(m []string) error {
	c.user.views[m[2]] = m[3]
	return c.mine(m[1])
}

func (c *fakeConn) createTrigger(m []string) error {
	c.user.triggers[m[2]] = &fakeTrigger{table: m[4], enabled: true, made: c.second}
	return c.mine(m[1], m[3])
}

func (c *fakeConn) enableTrigger(m []string) error {
	c.user.triggers[m[2]].enabled = true
	c.user.triggers[m[2]].made = c.second
	return c.mine(m[1])
}

func (c *fakeConn) disableTriggers(m []string) error {
	for _, trigger := range c.user.triggers {
		if trigger.table == m[1] {
			trigger.enabled, trigger.made = false, c.second
		}
	}
	return nil
}

func (c *fakeConn) switchKey(m []string) error {
	c.user.keys[m[3]].enabled = m[2] == "ENABLE"
	c.user.tables[m[1]].made = c.second
	return c.user.checkKeys()
}

func (c *fakeConn) modifyIdentity(m []string) error {
	t := c.user.tables[m[1]]
	t.columns[t.index(m[2])].generation = m[3]
	t.next, t.made = atoi(m[5]), c.second
	return nil
}

func (c *fakeConn) restartSequence(m []string) error {
	if _, ok := c.user.sequences[m[1]]; !ok {
		return said("ORA-02289", "sequence does not exist")
	}
	c.user.sequences[m[1]] = atoi(m[2])
	return nil
}

func (c *fakeConn) dropObject(m []string) error {
	switch m[1] {
	case "TABLE":
		delete(c.user.tables, m[2])
		for name, key := range c.user.keys {
			if key.table == m[2] || key.parent == m[2] {
				delete(c.user.keys, name)
			}
		}
		for name, trigger := range c.user.triggers {
			if trigger.table == m[2] {
				delete(c.user.triggers, name)
			}
		}
	case "VIEW":
		delete(c.user.views, m[2])
	case "SEQUENCE":
		delete(c.user.sequences, m[2])
	}
	return nil
}

// pump is Data Pump's job as a whole.
func (c *fakeConn) pump(args values) (answer, int64, error) {
	from, to := c.users[args[2].(string)], c.users[args[3].(string)]
	if from == nil || to == nil {
		return nil, 0, said("ORA-39001", "invalid argument value")
	}
	for name, t := range from.tables {
		c.ids++
		copied := &fakeTable{columns: append([]fakeColumn(nil), t.columns...), key: t.key, next: t.next, rows: cloneRows(t.rows), made: c.second, id: c.ids}
		c.changed(copied)
		to.tables[name] = copied
	}
	for name, next := range from.sequences {
		to.sequences[name] = next
	}
	for name, key := range from.keys {
		copied := *key
		to.keys[name] = &copied
	}
	for name, trigger := range from.triggers {
		to.triggers[name] = &fakeTrigger{table: trigger.table, enabled: trigger.enabled, made: c.second}
	}
	for name, text := range from.views {
		to.views[name] = renamer(from.name, to.name)(text)
	}
	return nil, 0, nil
}

func yes(is bool) string {
	if is {
		return "YES"
	}
	return "NO"
}

func atoi(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
