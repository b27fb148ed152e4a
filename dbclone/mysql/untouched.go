package mysql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// many rows make a table large: one that is not read again while nobody has written to it. A smaller
// one is read in less time than it takes to ask.
const many = 20_000

// untouched remembers the sums of a database's large tables, each for as long as MySQL's InnoDB notes
// no change of the table. It notes when one was last written to, to the second: the time is set while
// a transaction that left an undo record for the table commits, foreign keys' cascades included, and
// is unknown after a restart, or when the table has left the server's cache. What rewrites a table
// without undo records makes it another one, with another time of creation. In the sources of 8.0 and
// later: trx_undo_report_row_operation and trx_update_mod_tables_timestamp.
//
// That is believed only where later changes must bear a later time:
//   - both times were seconds in the past when the sum was read,
//   - the server's clock has kept pace with ours since then: it was not set back,
//   - nobody else was at work in the database, who might have been in the middle of a commit,
//   - the table is not partitioned, for only the latest of the partitions' times is shown, and no
//     other is defined alike, for which it could have been exchanged by renaming.
//
// MariaDB notes when the transaction began instead (trx_t::commit_tables), which may be long before;
// its tables are always read. Counters of rows (INNODB_TABLESTATS, table_io_waits_summary_by_table) begin again with new
// statistics, or leave cascades out.
type untouched struct {
	many int64 // rows that make a table large

	mu     sync.Mutex
	digest string // of the schema
	tables map[string]remembered
}

type remembered struct {
	sum   sum
	stamp stamp
}

// stamp is what the server noted about a table, and when it was asked.
type stamp struct {
	noted  string
	server float64   // seconds
	asked  time.Time // on our clock, which is never set
}

const (
	// settled is how long nobody may have written to a table, by the server's clock. It is more than the
	// rest of a second together with pace and prompt.
	settled = "4 SECOND"
	// pace is how far the server's clock may get away from ours.
	pace = time.Second
	// prompt is an answer that tells the time.
	prompt = 500 * time.Millisecond
)

// since reports whether nothing was written between two stamps.
func (s stamp) since(before stamp) bool {
	theirs := time.Duration((s.server - before.server) * float64(time.Second))
	return s.noted == before.noted && (theirs-s.asked.Sub(before.asked)).Abs() < pace
}

// largeTables are those of contents that are worth remembering.
func (c *contents) largeTables(many int64) (large []string) {
	alike := make(map[string]int)
	for _, o := range c.schema.of(baseTable) {
		alike[o.definition()]++
	}
	for _, o := range c.schema.of(baseTable) {
		if c.tables[o.name].rows >= many && o.engine == transactional && alike[o.definition()] == 1 &&
			!strings.Contains(o.create, " PARTITION BY ") {
			large = append(large, o.name)
		}
	}
	return large
}

// untouchedIn is what is remembered of a database; nil on a server that does not say what it takes.
func (s *server) untouchedIn(database string) *untouched {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.notes {
		return nil
	}
	if s.untouched[database] == nil {
		s.untouched[database] = &untouched{many: s.many}
	}
	return s.untouched[database]
}

// definition is the statement that makes a table, without its name, which constraints without one of
// their own bear too.
func (o object) definition() string { return strings.ReplaceAll(o.create, o.name, "") }

// stamps asks about tables of the database that a session is in. Without an entry are those that have
// not settled; there is none while others are at work.
func stamps(ctx context.Context, on *session, tables []string) (map[string]stamp, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	quoted := make([]string, len(tables))
	for i, table := range tables {
		quoted[i] = text(table)
	}
	asked := time.Now()
	results, err := on.query(ctx, fmt.Sprintf(`SELECT TABLE_NAME AS name, CONCAT(CREATE_TIME, ' ', UPDATE_TIME) AS noted,
		UNIX_TIMESTAMP(SYSDATE(6)) AS now FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME IN (%s)
		AND GREATEST(CREATE_TIME, UPDATE_TIME) < SYSDATE() - INTERVAL %s`, text(on.in), strings.Join(quoted, ", "), settled))
	if err != nil || time.Since(asked) > prompt {
		return nil, err
	}
	others, err := users(ctx, on, on.in)
	if err != nil {
		return nil, err
	}
	for _, each := range others {
		if each["Command"] != "Sleep" {
			return nil, nil
		}
	}
	found := make(map[string]stamp)
	for _, row := range results[0] {
		if !slices.Contains(tables, row["name"]) {
			continue // the server takes upper case for lower
		}
		now, err := strconv.ParseFloat(row["now"], 64)
		if err != nil {
			return nil, err
		}
		found[row["name"]] = stamp{noted: row["noted"], server: now, asked: asked}
	}
	return found, nil
}

// reread sums the tables of contents again, in the database that a session is in, but for large ones
// that nobody has written to. Nil remembers nothing.
func (u *untouched) reread(ctx context.Context, on *session, c *contents) (map[string]sum, error) {
	if u == nil {
		return c.sums.read(ctx, on, nil)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.digest != c.schema.digest {
		u.digest, u.tables = c.schema.digest, nil
	}
	now, err := stamps(ctx, on, c.largeTables(u.many))
	if err != nil {
		return nil, err
	}
	still := make(map[string]remembered)
	var rest []string
	for _, table := range c.sums.order {
		was, known := u.tables[table]
		if stamp, stamped := now[table]; known && stamped && stamp.since(was.stamp) {
			still[table] = was
		} else {
			rest = append(rest, table)
		}
	}
	u.tables = nil // until all has been read
	sums := make(map[string]sum)
	if len(rest) > 0 {
		if sums, err = c.sums.read(ctx, on, rest); err != nil {
			return nil, err
		}
	}
	for table, stamp := range now {
		if _, kept := still[table]; !kept {
			still[table] = remembered{sums[table], stamp}
		}
		sums[table] = still[table].sum
	}
	u.tables = still
	return sums, nil
}
