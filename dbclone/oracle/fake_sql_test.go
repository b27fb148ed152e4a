package oracle

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type (
	values = []driver.Value
	answer = [][]driver.Value
)

// answer finds what a statement asks for. The statements of the engine that never vary are known
// as such, the others by their form.
func (c *fakeConn) answer(query string, args values) (answer, int64, error) {
	if fixed := fixedStatements[query]; fixed != nil {
		return fixed(c, args)
	}
	for _, form := range forms {
		if found := form.like.FindStringSubmatch(query); found != nil {
			return form.run(c, found)
		}
	}
	return nil, 0, fmt.Errorf("fake: ORA-00900: does not understand %q", query)
}

type statement func(c *fakeConn, args values) (answer, int64, error)

// fixedStatements is filled by init, as some refer to the forms.
var fixedStatements map[string]statement

func init() {
	nothing := func(*fakeConn, values) (answer, int64, error) { return nil, 0, nil }
	read := func(f func(c *fakeConn) answer) statement {
		return func(c *fakeConn, _ values) (answer, int64, error) { return f(c), 0, nil }
	}
	fixedStatements = map[string]statement{
		askServer: read(func(c *fakeConn) answer {
			return answer{{c.container, c.version, "AL32UTF8", "AL16UTF16", "USERS", "TEMP"}}
		}),
		askRights: read(func(c *fakeConn) (rows answer) {
			for _, right := range c.granted {
				rows = append(rows, values{right})
			}
			return rows
		}),
		askSessions: (*fakeConn).askSessions, listSessions: (*fakeConn).listSessions,
		createLabels: nothing, createOwners: nothing, waitForLocks: nothing, transform: nothing, "PURGE RECYCLEBIN": nothing,
		"SET CONSTRAINTS ALL DEFERRED": nothing,
		askAlive:                       read(func(*fakeConn) answer { return answer{{int64(1)}} }),
		askEmpty:                       read(func(c *fakeConn) answer { return answer{{int64(len(c.user.tables))}} }),
		askSize:                        read(func(*fakeConn) answer { return answer{{int64(1 << 20)}} }),
		insertLabel:                    (*fakeConn).insertLabel, selectLabel: (*fakeConn).selectLabel, selectLabels: (*fakeConn).selectLabels,
		updateLabel: (*fakeConn).updateLabel, sealLabel: (*fakeConn).sealLabel, publishLabel: (*fakeConn).publishLabel,
		sizeLabel: (*fakeConn).sizeLabel, deleteLabel: (*fakeConn).deleteLabel, scnOfLabel: (*fakeConn).scnOfLabel,
		requestLock: (*fakeConn).requestLock, releaseLock: (*fakeConn).releaseLock,
		insertOwner: (*fakeConn).insertOwner, deleteOwner: (*fakeConn).deleteOwner, selectMethod: (*fakeConn).selectMethod,
		holdOwner: (*fakeConn).holdOwner, tryOwner: (*fakeConn).holdOwner,
		askTables: read((*fakeConn).askTables), askColumns: read((*fakeConn).askColumns), askConstraints: read((*fakeConn).askConstraints),
		askIndexes: nothing, askExpressions: nothing, askCode: nothing, askMaterial: nothing, askComments: nothing,
		askTriggers: read((*fakeConn).askTriggers), askViews: read((*fakeConn).askViews), askSequences: read((*fakeConn).askSequences),
		askIdentities: read((*fakeConn).askIdentities), askKinds: read((*fakeConn).askKinds), askObjects: read((*fakeConn).askObjects),
		askNumbers: read((*fakeConn).askNumbers), askDDL: (*fakeConn).askDDL, askKeysDDL: read((*fakeConn).askKeysDDL),
		askAll: read((*fakeConn).askAll), pump: (*fakeConn).pump, stopPump: nothing,
	}
}

type form struct {
	like *regexp.Regexp
	run  func(c *fakeConn, found []string) (answer, int64, error)
}

// form of a statement of the main user's, or of a schema's own.
func formOf(like string, run func(c *fakeConn, m []string) error) form {
	return form{regexp.MustCompile(`(?s)^` + like + `$`), func(c *fakeConn, m []string) (answer, int64, error) { return nil, 0, run(c, m) }}
}

var forms = []form{
	formOf(`CREATE TABLESPACE "(\w+)" DATAFILE( '[^']+')? SIZE \w+ AUTOEXTEND ON NEXT \w+ MAXSIZE UNLIMITED`, (*fakeConn).createTablespace),
	formOf(`CREATE USER "(\w+)" IDENTIFIED BY "([^"]+)" DEFAULT TABLESPACE "(\w+)"(?: TEMPORARY TABLESPACE "(\w+)")? QUOTA \w+ ON "(\w+)"`, (*fakeConn).createUser),
	formOf(`GRANT (CREATE [A-Z, ]+) TO "(\w+)"`, (*fakeConn).grant),
	formOf(`ALTER USER "(\w+)" IDENTIFIED BY "([^"]+)"`, (*fakeConn).setPassword),
	formOf(`ALTER USER "(\w+)" ACCOUNT LOCK`, (*fakeConn).lockUser),
	formOf(`DROP USER "(\w+)" CASCADE`, (*fakeConn).dropUser),
	formOf(`ALTER SYSTEM DISCONNECT SESSION '(\w+),1' IMMEDIATE`, (*fakeConn).disconnectAll),
	formOf(`CREATE DATABASE LINK "(\w+)" CONNECT TO "SHOP" IDENTIFIED BY "tiger" USING '([^']+)'`, (*fakeConn).nothing),
	formOf(`DROP DATABASE LINK "(\w+)"`, func(*fakeConn, []string) error { return said("ORA-02024", "database link not found") }),
	formOf(`BEGIN\n((?:  EXECUTE IMMEDIATE 'GRANT READ ON "\w+" TO "\w+"';\n)*)END;`, (*fakeConn).grantRead),
	formOf(`CREATE TABLE "(\w+)"\."(\w+)" \((.*)\)`, (*fakeConn).createTable),
	formOf(`CREATE SEQUENCE "(\w+)"\."(\w+)" START WITH (\d+) CACHE 20`, (*fakeConn).createSequence),
	formOf(`ALTER TABLE "(\w+)"\."(\w+)" ADD CONSTRAINT "(\w+)" FOREIGN KEY \("(\w+)"\) REFERENCES "(\w+)"\."(\w+)" \("ID"\)( ON DELETE CASCADE)?( DEFERRABLE INITIALLY DEFERRED)? ENABLE`, (*fakeConn).addKey),
	formOf(`CREATE OR REPLACE FORCE VIEW "(\w+)"\."(\w+)" AS (.*)`, (*fakeConn).createView),
	formOf(`CREATE OR REPLACE TRIGGER "(\w+)"\."(\w+)" BEFORE INSERT ON "(\w+)"\."(\w+)" BEGIN NULL; END;`, (*fakeConn).createTrigger),
	formOf(`ALTER TRIGGER (?:"(\w+)"\.)?"(\w+)" ENABLE`, (*fakeConn).enableTrigger),
	formOf(`ALTER TABLE "(\w+)" DISABLE ALL TRIGGERS`, (*fakeConn).disableTriggers),
	formOf(`ALTER TABLE "(\w+)" (DISABLE|ENABLE) CONSTRAINT "(\w+)"`, (*fakeConn).switchKey),
	formOf(`ALTER TABLE "(\w+)" MODIFY \("(\w+)" GENERATED (ALWAYS|BY DEFAULT)( ON NULL)? AS IDENTITY \(START WITH (\d+)\)\)`, (*fakeConn).modifyIdentity),
	formOf(`ALTER SEQUENCE "(\w+)" RESTART START WITH (\d+)`, (*fakeConn).restartSequence),
	formOf(`LOCK TABLE ("[^;]+") IN EXCLUSIVE MODE WAIT 5`, (*fakeConn).nothing),
	formOf(`DELETE FROM "(\w+)"`, (*fakeConn).deleteAll),
	formOf(`INSERT (?:/\*\+ APPEND \*/ )?INTO "(\w+)" \((.*?)\) SELECT (.*?) FROM "(\w+)"\."(\w+)"`, (*fakeConn).insertSelect),
	formOf(`DROP (TABLE|VIEW|SEQUENCE) "(\w+)"(?: CASCADE CONSTRAINTS PURGE)?`, (*fakeConn).dropObject),
	{regexp.MustCompile(`^SELECT '\w+', COUNT\(\*\), MAX\(ORA_ROWSCN\) FROM`), (*fakeConn).marks},
	{regexp.MustCompile(`(?s)^SELECT \(SELECT COUNT\(\*\) FROM \(SELECT .*? FROM (\S+) GROUP BY .*? MINUS SELECT .*? FROM (\S+(?: AS OF SCN \d+)?) GROUP BY`), (*fakeConn).compare},
	{regexp.MustCompile(`(?s)^SELECT COUNT\(\*\) FROM \(SELECT \* FROM (\S+)\) a FULL OUTER JOIN \(SELECT \* FROM (\S+(?: AS OF SCN \d+)?)\) b`), (*fakeConn).compare},
}

func (c *fakeConn) nothing([]string) error { return nil }

func (c *fakeConn) createTablespace(m []string) error {
	if c.tablespaces[m[1]] {
		return said("ORA-01543", "tablespace already exists")
	}
	c.tablespaces[m[1]] = true
	return nil
}

func (c *fakeConn) may(right string) error {
	if c.user.name != mainUser || !slices.Contains(c.granted, right) {
		return said("ORA-01031", "insufficient privileges")
	}
	return nil
}

func (c *fakeConn) createUser(m []string) error {
	switch {
	case c.may("CREATE USER") != nil:
		return c.may("CREATE USER")
	case c.users[m[1]] != nil:
		return said("ORA-01920", "user name conflicts with another user or role name")
	case len(m[1]) > longest:
		return said("ORA-00972", "identifier is too long")
	case !c.tablespaces[m[3]] || m[4] != "" && !c.tablespaces[m[4]]:
		return said("ORA-00959", "tablespace does not exist")
	}
	c.add(m[1], m[2])
	return nil
}

func (c *fakeConn) grant(m []string) error {
	if c.users[m[2]] == nil {
		return said("ORA-01917", "user or role does not exist")
	}
	if strings.Contains(m[1], "MATERIALIZED") {
		return said("ORA-01031", "insufficient privileges") // as Django expects that it may be
	}
	return nil
}

func (c *fakeConn) setPassword(m []string) error {
	u := c.users[m[1]]
	if u == nil {
		return said("ORA-01918", "user does not exist")
	}
	u.password = m[2]
	return nil
}

func (c *fakeConn) lockUser(m []string) error {
	u := c.users[m[1]]
	if u == nil {
		return said("ORA-01918", "user does not exist")
	}
	u.locked = true
	return nil
}

func (c *fakeConn) dropUser(m []string) error {
	switch {
	case c.users[m[1]] == nil:
		return said("ORA-01918", "user does not exist")
	case c.fake.sessions(m[1]) > 0:
		return said("ORA-01940", "cannot drop a user that is currently connected")
	}
	delete(c.users, m[1])
	return nil
}

// disconnectAll: the fake's sessions of a user share one number, the user's.
func (c *fakeConn) disconnectAll(m []string) error {
	if err := c.may("ALTER SYSTEM"); err != nil {
		return err
	}
	for other := range c.conns {
		if fmt.Sprint(other.user.id) == m[1] {
			other.end()
		}
	}
	return nil
}

func (c *fakeConn) askSessions(args values) (answer, int64, error) {
	if c.hidden {
		return nil, 0, said("ORA-00942", "table or view does not exist")
	}
	return answer{{c.fake.sessions(args[0].(string))}}, 0, nil
}

func (c *fakeConn) listSessions(args values) (rows answer, _ int64, _ error) {
	for other := range c.conns {
		if other.user.name == args[0].(string) {
			rows = append(rows, values{fmt.Sprintf("%d,1", other.user.id)})
		}
	}
	return rows, 0, nil
}

var grantedRead = regexp.MustCompile(`GRANT READ ON "(\w+)" TO "(\w+)"`)

func (c *fakeConn) grantRead(m []string) error {
	for _, each := range grantedRead.FindAllStringSubmatch(m[1], -1) {
		if c.user.tables[each[1]] == nil {
			return said("ORA-00942", "table or view does not exist")
		}
		c.user.readers[each[2]] = true
	}
	return nil
}

// place names a table in a query, of this user or another, now or in the past.
var place = regexp.MustCompile(`^(?:"(\w+)"\.)?"(\w+)"(?: AS OF SCN (\d+))?$`)

func (c *fakeConn) rowsAt(text string) ([][]string, error) {
	m := place.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("fake: no table: %s", text)
	}
	u := c.user
	if m[1] != "" && m[1] != u.name {
		u = c.users[m[1]]
		if u == nil || !u.readers[c.user.name] {
			return nil, said("ORA-00942", "table or view does not exist")
		}
	}
	t := u.tables[m[2]]
	if t == nil {
		return nil, said("ORA-00942", "table or view does not exist")
	}
	if m[3] != "" {
		scn, err := strconv.ParseInt(m[3], 10, 64)
		return t.asOf(scn), err
	}
	return t.rows, nil
}

// compare does what both forms of comparison ask for.
func (c *fakeConn) compare(m []string) (answer, int64, error) {
	left, err := c.rowsAt(m[1])
	if err != nil {
		return nil, 0, err
	}
	right, err := c.rowsAt(m[2])
	if err != nil {
		return nil, 0, err
	}
	counts := make(map[string]int64)
	for _, row := range left {
		counts[strings.Join(row, "\x1f")]++
	}
	for _, row := range right {
		counts[strings.Join(row, "\x1f")]--
	}
	var n int64
	for _, count := range counts {
		n += max(count, -count)
	}
	return answer{{n}}, 0, nil
}

var marked = regexp.MustCompile(`SELECT '\w+', COUNT\(\*\), MAX\(ORA_ROWSCN\) FROM "(\w+)"`)

func (c *fakeConn) marks(m []string) (answer, int64, error) {
	var rows answer
	query := c.log[len(c.log)-1]
	for _, each := range marked.FindAllStringSubmatch(query, -1) {
		t := c.user.tables[each[1]]
		if t == nil {
			return nil, 0, said("ORA-00942", "table or view does not exist")
		}
		row := values{each[1], int64(len(t.rows)), nil}
		if len(t.rows) > 0 {
			row[2] = t.scn
		}
		rows = append(rows, row)
	}
	return rows, 0, nil
}

func (c *fakeConn) deleteAll(m []string) error {
	t := c.user.tables[m[1]]
	if t == nil {
		return said("ORA-00942", "table or view does not exist")
	}
	t.rows = nil
	for _, name := range sortedKeys(c.user.keys) {
		key := c.user.keys[name]
		if key.parent != m[1] || !key.enabled {
			continue
		}
		child := c.user.tables[key.table]
		orphans := c.user.orphans(key)
		switch {
		case len(orphans) == 0:
		case key.rule == "CASCADE":
			child.rows = nil
			c.changed(child)
		case !key.deferrable:
			return said("ORA-02292", "integrity constraint "+name+" violated - child record found")
		}
	}
	c.changed(t)
	return nil
}

func (c *fakeConn) insertSelect(m []string) error {
	rows, err := c.rowsAt(`"` + m[4] + `"."` + m[5] + `"`)
	if err != nil {
		return err
	}
	t := c.user.tables[m[1]]
	if t == nil || m[2] != m[3] {
		return errors.New("fake: columns differ or no table")
	}
	if slices.ContainsFunc(t.columns, func(c fakeColumn) bool { return c.generation == "ALWAYS" }) {
		return said("ORA-32795", "cannot insert into a generated always identity column")
	}
	for _, trigger := range c.user.triggers {
		if trigger.table == m[1] && trigger.enabled {
			return errors.New("fake: a trigger fired for rows that are copied")
		}
	}
	t.rows = append(t.rows, cloneRows(rows)...)
	c.changed(t)
	if !c.tx {
		return c.user.checkKeys()
	}
	for name, key := range c.user.keys {
		if key.table == m[1] && key.enabled && !key.deferrable && len(c.user.orphans(key)) > 0 {
			return said("ORA-02291", "integrity constraint "+name+" violated - parent key not found")
		}
	}
	return nil
}
