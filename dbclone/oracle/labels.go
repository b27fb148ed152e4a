package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hotclub/dbclone"
)

// Labels are rows in the main user's schema, as Oracle has nowhere to write them on a user. A row is
// there before the user is, and goes after it.
const (
	createLabels = `CREATE TABLE "HOTCLUB_LABELS" ("NAME" VARCHAR2(30) NOT NULL PRIMARY KEY, "USERNAME" VARCHAR2(30) NOT NULL UNIQUE,
  "LABEL" VARCHAR2(4000) NOT NULL, "MARK" VARCHAR2(100), "BYTES" NUMBER(19), "IMAGE" VARCHAR2(100))`
	createOwners = `CREATE TABLE "HOTCLUB_OWNERS" ("OWNER" VARCHAR2(30) NOT NULL PRIMARY KEY, "METHOD" VARCHAR2(10) NOT NULL)`

	insertLabel = `INSERT INTO "HOTCLUB_LABELS" ("NAME", "USERNAME", "LABEL", "IMAGE") VALUES (:1, :2, :3, :4)`
	selectLabel = `SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1`
	selectLabels = `SELECT "NAME", "USERNAME", "LABEL", "BYTES", "IMAGE" FROM "HOTCLUB_LABELS" ORDER BY "NAME"`
	updateLabel  = `UPDATE "HOTCLUB_LABELS" SET "LABEL" = :1 WHERE "NAME" = :2`
	sealLabel    = `UPDATE "HOTCLUB_LABELS" SET "MARK" = :1, "BYTES" = :2 WHERE "NAME" = :3`
	publishLabel = `UPDATE "HOTCLUB_LABELS" SET "NAME" = :1, "LABEL" = :2 WHERE "NAME" = :3 AND "MARK" IS NOT NULL`
	sizeLabel    = `UPDATE "HOTCLUB_LABELS" SET "BYTES" = :1 WHERE "NAME" = :2`
	deleteLabel  = `DELETE FROM "HOTCLUB_LABELS" WHERE "NAME" = :1`

	// The time of a commit as the server counts it, without a right to ask for it.
	scnOfLabel = `SELECT MAX(ORA_ROWSCN) FROM "HOTCLUB_LABELS" WHERE "NAME" = :1`
)

func makeTables(ctx context.Context, main *sql.DB) error {
	for _, statement := range []string{createLabels, createOwners} {
		if _, err := main.ExecContext(ctx, statement); err != nil && !is(err, nameTaken) {
			return err
		}
	}
	return nil
}

// labelled is a user of ours.
type labelled struct {
	name   string
	user   string
	label  dbclone.Label
	mark   string
	there  bool // the user is
	number int64
}

var errUnlabelled = errors.New("oracle: it bears no label")

func (s *server) labelled(ctx context.Context, name string) (labelled, error) {
	l := labelled{name: name}
	var text, mark sql.NullString
	var number sql.NullInt64
	err := s.main.QueryRowContext(ctx, selectLabel, name).Scan(&l.user, &text, &mark, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errUnlabelled
	}
	if err != nil {
		return l, err
	}
	l.mark, l.there, l.number = mark.String, number.Valid, number.Int64
	var ok bool
	if l.label, ok = dbclone.ParseLabel(text.String); !ok {
		return l, fmt.Errorf("%w: the label of %s is damaged", dbclone.ErrNotOurs, name)
	}
	return l, nil
}

// template is a sealed one that is there.
func (s *server) template(ctx context.Context, at dbclone.Spot) (labelled, error) {
	t, err := s.labelled(ctx, at.Name)
	if errors.Is(err, errUnlabelled) || err == nil && (!t.there || t.mark == "") {
		return t, fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, at.Name)
	}
	return t, err
}

func (s *server) addLabel(ctx context.Context, name, user string, label dbclone.Label, image dbclone.Image) error {
	return s.exec(ctx, insertLabel, name, user, label.String(), nullable(string(image)))
}

func (s *server) relabel(ctx context.Context, at dbclone.Spot, label dbclone.Label) error {
	if _, err := s.ours(ctx, at); err != nil {
		return err
	}
	return s.exec(ctx, updateLabel, label.String(), at.Name)
}

// ours is the labelled user of a spot, if the label is of the spot's home.
func (s *server) ours(ctx context.Context, at dbclone.Spot) (labelled, error) {
	l, err := s.labelled(ctx, at.Name)
	if err == nil && l.label.Home != at.Label.Home {
		err = fmt.Errorf("%w: %s belongs to home %s", dbclone.ErrNotOurs, at.Name, l.label.Home)
	}
	return l, err
}

// now is a moment in the server's own counting that is after all that was committed before.
func (s *server) now(ctx context.Context, at dbclone.Spot) (scn int64, err error) {
	if err := s.relabel(ctx, at, at.Label); err != nil {
		return 0, err
	}
	err = s.main.QueryRowContext(ctx, scnOfLabel, at.Name).Scan(&scn)
	return scn, err
}

// strays leaves out the images of owners that live: they are no databases of their own.
func (s *server) strays(ctx context.Context) ([]dbclone.Stray, error) {
	type row struct {
		dbclone.Stray
		user  string
		image bool
	}
	var rows []row
	err := each(ctx, s.main, selectLabels, nil, func(scan func(...any) error) error {
		var r row
		var text, image sql.NullString
		var size sql.NullInt64
		if err := scan(&r.Name, &r.user, &text, &size, &image); err != nil {
			return err
		}
		r.Size, r.image = size.Int64, image.Valid
		var ok bool
		if r.Label, ok = dbclone.ParseLabel(text.String); ok { // else it is nobody's to drop
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var strays []dbclone.Stray
	lives := make(map[string]bool)
	s.mu.Lock()
	alive := s.alive
	s.mu.Unlock()
	for _, r := range rows {
		live, known := lives[r.Label.Owner]
		if !known {
			if live, err = alive.isAlive(ctx, s.main, r.Label.Owner); err != nil {
				return nil, err
			}
			lives[r.Label.Owner] = live
		}
		if r.image && live {
			continue
		}
		r.Live = live
		if s.can.seeSessions {
			if err := s.main.QueryRowContext(ctx, askSessions, r.user).Scan(&r.Sessions); err != nil {
				return nil, err
			}
		}
		strays = append(strays, r.Stray)
	}
	return strays, nil
}

func nullable(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }

// today is the precision to which a use is noted.
func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }
