package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// baseline is what a database held at one moment, in numbers: with it the next [takeSurvey] tells what was
// changed since. Rows that were there then have an xmin below the limit, or that of our repair. So
// if none is fresh and their number is the same, they are the same rows, unchanged.
type baseline struct {
	limit     int64  // a 64-bit transaction id: from here on rows are fresh
	own       uint32 // except for those of this transaction, a repair of ours; 0 is nobody's
	counts    []int64
	positions []position
	catalogs  []int64
	files     []int64
	settings  string
	objects   int64
	counters  counters

	busy    bool         // tests had committed rows before: those that come next may as well, and a glance be wasted
	repairs int          // since the database was cloned
	loose   map[int]bool // tables in which repairs left space before or between the rows
}

// forget is how far transaction ids may go on before a baseline says nothing any more. They are told
// apart within 2^31.
const forget = 1 << 30

func (b *baseline) ids() (limit, own uint32) {
	if b == nil {
		return 0, 0 // everything is fresh
	}
	return uint32(b.limit), b.own // xmin has the low half
}

// takeBaseline notes what is there now, to find what changes from here on: right after cloning, when it
// is what the image holds, or later, to ask only whether there was a change since.
func takeBaseline(ctx context.Context, conn *pgx.Conn, img *image) (*baseline, error) {
	if img.unfit != "" {
		return &baseline{}, nil
	}
	seen, err := takeSurvey(ctx, conn, img, nil)
	if err != nil {
		return nil, err
	}
	if err := seen.atRest(); err != nil {
		return nil, err
	}
	return seen.baseline(), nil
}

// atRest is an error while somebody's changes are not committed: they would have an xmin below the
// limit and yet not be among what was counted.
func (s *survey) atRest() error {
	if err := s.settled(); err != nil {
		return err
	}
	if len(s.prepared) > 0 {
		return reclone("a transaction is prepared and neither committed nor rolled back: %s", strings.Join(s.prepared, ", "))
	}
	return nil
}

func (s *survey) settled() error {
	if s.writers != "" {
		return reclone("another session of the database is in a transaction: %s", s.writers)
	}
	return nil
}

func (s *survey) baseline() *baseline {
	return &baseline{
		limit: s.limit, counts: totals(s.counts), positions: s.positions, catalogs: totals(s.catalogs),
		files: s.files, settings: s.settings, objects: s.objects, counters: s.counters, loose: map[int]bool{},
	}
}

func totals(counts []count) []int64 {
	var all []int64
	for _, each := range counts {
		all = append(all, each.total)
	}
	return all
}

// dirt is what was changed since a baseline.
type dirt struct {
	states    map[int]state // of the tables that are not clean
	sequences bool
	objects   []uint32 // new large objects
	lost      error    // an errReclone: this can't be put back
	seen      *survey
}

// state is what became of the rows of a table.
type state int

const (
	untouched state = iota
	grown           // all rows of the baseline are there, and fresh ones
	changed         // anything else
)

func (d *dirt) clean() bool {
	return d.lost == nil && len(d.states) == 0 && !d.sequences && len(d.objects) == 0 && len(d.seen.prepared) == 0
}

// findDirt finds what was changed since the baseline. It sees what is committed.
func findDirt(ctx context.Context, conn *pgx.Conn, img *image, base *baseline, ours *repairs) (*dirt, error) {
	if img.unfit != "" {
		return &dirt{lost: reclone("%s", img.unfit)}, nil
	}
	var seen *survey
	var err error
	if !base.busy {
		seen, err = glance(ctx, conn, img, base, ours)
	}
	if seen == nil && err == nil {
		seen, err = takeSurvey(ctx, conn, img, base)
	}
	if err != nil {
		return unreadable(err)
	}
	d := compare(seen, base)
	if d.lost != nil {
		return d, nil
	}
	moved, err := changedCatalogs(ctx, conn, seen.moved(img, base))
	if err == nil && len(moved) > 0 {
		err = reclone("the schema was changed (%s)", strings.Join(moved, ", "))
	}
	if err == nil && (seen.objects > 0 || base.objects > 0) {
		d.objects, err = newObjects(ctx, conn, img)
	}
	if err = refused(err, "looking at the schema"); err != nil {
		return unreadable(err)
	}
	return d, nil
}

// unreadable makes what the server refused, such as to count the rows of a table that is gone, a kind
// of dirt.
func unreadable(err error) (*dirt, error) {
	if errors.Is(err, errReclone) {
		return &dirt{lost: err}, nil
	}
	return nil, err
}

// later is the baseline for what comes after a look that has found nothing: the transactions until then
// need not be looked at again. It is the same where some session has still something to commit.
func (b *baseline) later(seen *survey) *baseline {
	if seen.atRest() != nil {
		return b
	}
	next := *b
	next.limit, next.counters, next.busy = seen.limit, seen.counters, false
	return &next
}

// compare finds what the numbers say.
func compare(seen *survey, base *baseline) *dirt {
	d := &dirt{seen: seen, states: map[int]state{}, sequences: !slices.Equal(seen.positions, base.positions)}
	switch passed := seen.limit - base.limit; {
	case passed < 0:
		d.lost = reclone("the server's transactions count anew")
	case passed > forget:
		d.lost = reclone("too many transactions were made since it was last clean")
	case seen.settings != base.settings:
		d.lost = reclone("the settings, the owner or the rights of the database were changed")
	}
	for i, rows := range seen.counts {
		if s := rows.since(base.counts[i], seen.files[i] != base.files[i]); s != untouched {
			d.states[i] = s
		}
	}
	return d
}

// since tells what became of a table that had so many rows. In another file they may lie in another
// order; of no rows there is only one.
func (c count) since(rows int64, moved bool) state {
	switch {
	case c.fresh == 0 && c.total == rows && (rows == 0 || !moved):
		return untouched
	case c.total-c.fresh == rows && (rows == 0 || !moved):
		return grown
	}
	return changed
}

// tables is how many have to be put back.
func (d *dirt) tables() int { return len(d.states) }
