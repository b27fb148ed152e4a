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
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("postgres: encoding the label of %s: %w", name, err)
	}
	_, err = conn.Exec(ctx, "COMMENT ON DATABASE "+identifier(name)+" IS "+literal(string(text)))
	return err
}

// refuse says no to a database that bears another home's label. One that bears none is ours when
// it has a name that this home has written down, and only such names get here.
func (d *database) refuse(at dbclone.Spot) error {
	if d.labelled && d.note.Home != at.Label.Home {
		return fmt.Errorf("%w: %s", dbclone.ErrNotOurs, at.Name)
	}
	return nil
}
