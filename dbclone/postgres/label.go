package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// note is the comment on a database of ours: its label, and with a template what goes with it
// wherever it is used.
type note struct {
	dbclone.Label
	Seal     string   `json:"seal,omitempty"`     // new each time that a template is sealed
	Strategy strategy `json:"strategy,omitempty"` // the fastest way to copy it on this server, once that is known
}

// readNote reads a comment; nothing of it when it is none of ours.
func readNote(comment string) (n note, labelled bool) {
	if _, labelled = dbclone.ParseLabel(comment); !labelled || json.Unmarshal([]byte(comment), &n) != nil {
		return note{}, false
	}
	return n, true
}

func (n note) write(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, n.comment(name))
	return err
}

// mark labels a database that has just been copied. What tests commit there need not be on the disk
// before they go on, and neither need the label: its home has a record of the database. The
// template may say otherwise, see [carryOver].
func (n note) mark(ctx context.Context, conn *pgx.Conn, name string) error {
	statements := "BEGIN; SET LOCAL synchronous_commit = off;" + n.comment(name)
	if n.Kind == dbclone.KindClone {
		statements += "; ALTER DATABASE " + identifier(name) + " SET synchronous_commit = off"
	}
	_, err := run(ctx, conn, statements+"; COMMIT")
	if err != nil && !conn.IsClosed() {
		_, _ = conn.Exec(ctx, "ROLLBACK")
	}
	return err
}

func (n note) comment(name string) string {
	text, _ := json.Marshal(n) // strings, numbers and times
	return "COMMENT ON DATABASE " + identifier(name) + " IS " + literal(string(text))
}

// refuse says no to a database that bears another home's label. One that bears none is ours when
// it has a name that this home has written down, and only such names get here.
func (d *database) refuse(at dbclone.Spot) error {
	if d.labelled && d.note.Home != at.Label.Home {
		return fmt.Errorf("%w: %s", dbclone.ErrNotOurs, at.Name)
	}
	return nil
}
