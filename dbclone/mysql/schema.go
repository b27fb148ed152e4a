package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// schema is all that the server says a database consists of, but for what is in it.
type schema struct {
	name      string // of the database that it was read from
	charset   string
	collation string
	objects   []object // in the order of makeOrder
	counters  map[string]uint64
	digest    string // equal for databases that are alike but for their names and counters
}

// object is one thing in a database.
type object struct {
	kind   string // as information_schema calls it
	name   string
	table  string // of a trigger
	order  string // of a trigger, among those of its table
	engine string // of a table
	create string // the statement that makes it, without the counter

	// What the session has to be like when a program is made.
	mode, client, connection, zone string
}

// The kinds of objects, as information_schema calls them.
const (
	sequence  = "SEQUENCE"
	baseTable = "BASE TABLE"
	view      = "VIEW"
	trigger   = "TRIGGER"
	event     = "EVENT"
)

// makeOrder is an order in which objects can be made: defaults use sequences, functions use libraries,
// views use functions, and triggers must not fire while rows are copied.
var makeOrder = []string{sequence, baseTable, "LIBRARY", "PACKAGE", "PACKAGE BODY", "FUNCTION", "PROCEDURE", view, trigger, event}

// readSchema reads the schema of the database that a session is in.
func readSchema(ctx context.Context, on *session) (*schema, error) {
	s := &schema{name: on.in, counters: make(map[string]uint64)}
	if err := s.list(ctx, on); err != nil {
		return nil, err
	}
	if err := s.readStatements(ctx, on); err != nil {
		return nil, err
	}
	s.digest = s.digested()
	return s, nil
}

// libraryQuery adds what MySQL has since 9.2.
const libraryQuery = "/*!90200 UNION ALL SELECT 'LIBRARY', LIBRARY_NAME FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = %s */"

// triggerQuery is only asked when there are triggers: what orders those of a table takes a
// millisecond to find out that there are none.
const triggerQuery = `SELECT 'TRIGGER' AS kind, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS tab,
	CONCAT(ACTION_TIMING, EVENT_MANIPULATION, LPAD(ACTION_ORDER, 6, '0')) AS ord FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = `

func (s *schema) list(ctx context.Context, on *session) error {
	here := text(s.name)
	results, err := on.query(ctx,
		"SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "+here,
		"SELECT TABLE_TYPE AS kind, TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+here,
		"SELECT ROUTINE_TYPE AS kind, ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = "+here+fmt.Sprintf(libraryQuery, here),
		"SELECT 'EVENT' AS kind, EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = "+here,
		"SHOW TRIGGERS")
	if err != nil {
		return err
	}
	last := len(results) - 1
	if len(results[last]) > 0 {
		if results[last], err = on.one(ctx, triggerQuery+here); err != nil {
			return err
		}
	}
	for _, row := range results[0] {
		s.charset, s.collation = row["charset"], row["collation"]
	}
	for _, row := range slices.Concat(results[1:]...) {
		if strings.HasPrefix(row["kind"], "TEMPORARY") {
			continue // of this session
		}
		s.objects = append(s.objects, object{
			kind: row["kind"], name: row["name"], engine: row["engine"], table: row["tab"], order: row["ord"],
		})
	}
	slices.SortFunc(s.objects, func(a, b object) int {
		if a.kind != b.kind {
			return slices.Index(makeOrder, a.kind) - slices.Index(makeOrder, b.kind)
		}
		return strings.Compare(a.table+"\x00"+a.order+"\x00"+a.name, b.table+"\x00"+b.order+"\x00"+b.name)
	})
	return nil
}

func (s *schema) readStatements(ctx context.Context, on *session) error {
	var shows []string
	var shown []*object
	for i := range s.objects {
		o := &s.objects[i]
		if slices.Contains(makeOrder, o.kind) {
			shown = append(shown, o)
			shows = append(shows, "SHOW CREATE "+strings.TrimPrefix(o.kind, "BASE ")+" "+name(o.name))
		}
	}
	results, err := on.query(ctx, shows...)
	if err != nil {
		return err
	}
	for i, o := range shown {
		o.defined(results[i][0])
		if o.kind == baseTable {
			o.create, s.counters[o.name] = splitCounter(withoutInherited(o.create))
		}
	}
	return nil
}

// defined takes in what SHOW CREATE says.
func (o *object) defined(shown row) {
	for column, value := range shown {
		if strings.HasPrefix(column, "Create ") || column == "SQL Original Statement" {
			o.create = value
		}
	}
	switch o.kind {
	case baseTable, sequence:
	default:
		o.create = strings.TrimSuffix(o.create, ";") // MySQL keeps it where more statements came with it
		o.mode, o.zone = shown["sql_mode"], shown["time_zone"]
		o.client, o.connection = shown["character_set_client"], shown["collation_connection"]
	}
}

// clonable says what in a database can't be cloned.
func (s *schema) clonable() error {
	for _, o := range s.objects {
		kind := strings.ToLower(o.kind)
		switch {
		case !slices.Contains(makeOrder, o.kind):
			return fmt.Errorf("%s is a %s table, which can't be cloned", o.name, kind)
		case o.create == "":
			return fmt.Errorf("the definition of the %s %s is only shown to its definer", kind, o.name)
		case slices.Contains([]string{"MRG_MYISAM", "MRG_MyISAM", "FEDERATED", "CONNECT", "SPIDER", "NDB"}, o.engine):
			return fmt.Errorf("the table %s of the engine %s does not hold its rows itself, so it can't be cloned", o.name, o.engine)
		}
	}
	return nil
}

func (s *schema) digested() string {
	hash := sha256.New()
	for _, o := range append([]object{{create: s.charset + " " + s.collation}}, s.objects...) {
		create := renamed(o.create, s.name, "")
		for _, part := range []string{o.kind, o.name, o.table, o.order, create, o.mode, o.client, o.connection, o.zone} {
			fmt.Fprintf(hash, "%d %s", len(part), part)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// of picks the objects of a kind.
func (s *schema) of(kind string) (list []object) {
	for _, o := range s.objects {
		if o.kind == kind {
			list = append(list, o)
		}
	}
	return list
}

// triggers are those of a table, in their order.
func (s *schema) triggers(table string) (list []object) {
	for _, o := range s.of(trigger) {
		if o.table == table {
			list = append(list, o)
		}
	}
	return list
}

// make makes an object in the current database under a statement for it; programs and views in a
// session as their maker had it, which they keep.
func (o object) make(ctx context.Context, on *session, create string) error {
	as := "SET sql_mode = " + text(o.mode)
	if o.connection != "" {
		as += ", character_set_client = " + o.client + ", collation_connection = " + o.connection
	}
	if o.zone != "" {
		as += ", time_zone = " + text(o.zone)
	}
	err := on.run(ctx, as, create)
	if back := on.run(ctx, ownManners); back != nil {
		on.spoil()
		return errors.Join(err, back)
	}
	return err
}

// difference names what another schema has otherwise, for people.
func (s *schema) difference(other *schema) string {
	if s.charset != other.charset || s.collation != other.collation {
		return "the collation of the database"
	}
	key := func(o object) string { return strings.ToLower(o.kind) + " " + o.name }
	there := make(map[string]object)
	for _, o := range other.objects {
		there[key(o)] = o
	}
	for _, o := range s.objects {
		same, found := there[key(o)]
		delete(there, key(o))
		same.create = renamed(same.create, other.name, s.name)
		switch {
		case !found:
			return "the " + key(o) + " is gone"
		case same != o:
			return "the " + key(o) + " is another one"
		}
	}
	for each := range there {
		return "the " + each + " is new"
	}
	return "nothing"
}
