package mysql

import (
	"context"
	"fmt"
	"strings"

	"hotclub/dbclone"
)

// image is what a clone can be put back to. It takes no room on the server: most that is captured is
// what a flush leaves, which is little and, but for what is in the template, nothing.
type image struct {
	contents *contents
	template *contents           // nil: the contents are the template's
	rows     map[string][]string // statements for the tables that are not as in the template
}

// limit bounds the rows of an image that are kept in memory, in bytes.
const limit = 256 << 20

// image is a captured one, or nil.
func (s *server) image(template string, wanted dbclone.Image) *image {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.images[template][wanted]
}

// capture keeps what a clone holds. An image that there is already stays: all ask for the same.
func (s *server) capture(ctx context.Context, on *session, template, clone dbclone.Spot, as dbclone.Image) error {
	if s.image(template.Name, as) != nil {
		return nil
	}
	sealed, err := s.sealed(ctx, on, template)
	if err != nil {
		return err
	}
	if err := on.use(ctx, clone.Name); err != nil {
		return err
	}
	now, same, err := sealed.reread(ctx, on, s.untouchedIn(clone.Name))
	if err != nil {
		return err
	}
	if !same {
		return fmt.Errorf("mysql: the schema of %s is not the template's any more: %s", clone.Name, sealed.schema.difference(now.schema))
	}
	captured := &image{contents: now, template: sealed, rows: make(map[string][]string)}
	size := 0
	for _, table := range now.changed(sealed) {
		statements, bytes, err := now.sums.dump(ctx, on, table)
		if err != nil {
			return err
		}
		if size += bytes; size > limit {
			return fmt.Errorf("mysql: what %s holds beyond its template is more than %d MB, too much to keep", clone.Name, limit>>20)
		}
		captured.rows[table] = statements
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.images[template.Name] == nil {
		s.images[template.Name] = make(map[dbclone.Image]*image)
	}
	if s.images[template.Name][as] == nil {
		s.images[template.Name][as] = captured
	}
	s.baselines[clone.Name] = now
	return nil
}

// rowsOf are the statements that fill an empty table.
func (i *image) rowsOf(table string) []string {
	source := i.contents
	if i.template != nil {
		if statements, kept := i.rows[table]; kept {
			return statements
		}
		source = i.template
	}
	if source.tables[table].rows == 0 {
		return nil
	}
	return []string{source.copyRows(table)}
}

// piece is about how long a statement with rows gets, in bytes.
const piece = 256 << 10

// dump makes statements of the rows of a table in their order.
func (p *summing) dump(ctx context.Context, on *session, table string) (statements []string, size int, err error) {
	literals := make([]string, len(p.columns[table]))
	for i, c := range p.columns[table] {
		literals[i] = c.literal()
	}
	rows, err := on.one(ctx, fmt.Sprintf("SELECT CONCAT('(', CONCAT_WS(', ', %s), ')') AS line FROM %s%s", strings.Join(literals, ", "), name(table), p.hint(table)))
	if err != nil {
		return nil, 0, err
	}
	head := fmt.Sprintf("INSERT INTO %s (%s) VALUES ", name(table), names(p.names(table)))
	var values []string
	length := 0
	flush := func() {
		if len(values) > 0 {
			statements = append(statements, head+strings.Join(values, ", "))
			values, length = nil, 0
		}
	}
	for _, row := range rows {
		if row["line"] == "" {
			return nil, 0, fmt.Errorf("mysql: a row of %s is longer than max_allowed_packet of the server", table)
		}
		values = append(values, row["line"])
		length += len(row["line"])
		size += len(row["line"])
		if length > piece {
			flush()
		}
	}
	flush()
	return statements, size, nil
}

// literal is an expression for the SQL literal of a column's value.
func (c tableColumn) literal() string {
	column := name(c.name)
	bytes := "CONCAT('X''', HEX(" + column + "), '''')"
	var some string
	switch {
	case c.charset != "": // in which the bytes are what they are in the table
		some = "CONCAT('_" + c.charset + " ', " + bytes + ")"
	case c.kind == "bit":
		some = "CAST(" + column + " + 0 AS CHAR)"
	case c.kind == "float": // shown with fewer digits than it has
		some = "CAST(" + column + " + 0e0 AS CHAR)"
	case c.kind == "json":
		some = "CONCAT('_utf8mb4 X''', HEX(CONVERT(" + column + " USING utf8mb4)), '''')"
	case strings.HasSuffix(c.kind, "blob"), strings.HasSuffix(c.kind, "binary"), c.kind == "vector",
		strings.Contains(c.kind, "geom"), strings.HasSuffix(c.kind, "point"), strings.HasSuffix(c.kind, "linestring"), strings.HasSuffix(c.kind, "polygon"):
		some = bytes
	default: // numbers, times, addresses
		some = "QUOTE(" + column + ")"
	}
	return "IF(" + column + " IS NULL, 'NULL', " + some + ")"
}
