package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// strays lists what bears a label of anybody's. It is asked again when a database was dropped in
// the middle of it, for its size can't be had then.
func (s *server) strays(ctx context.Context) (list []dbclone.Stray, err error) {
	for range 5 {
		err = s.admin(ctx, func(conn *pgx.Conn) error {
			list, err = straysOn(ctx, conn)
			return err
		})
		if !stateIs(err, "3D000") && !stateIs(err, "42704") && !stateIs(err, "58P01") {
			break
		}
	}
	return list, err
}

func straysOn(ctx context.Context, conn *pgx.Conn) ([]dbclone.Stray, error) {
	living, err := theLiving(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `
		SELECT d.datname::text, c.description,
			(SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid AND a.usename IS NOT NULL),
			CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN coalesce(pg_database_size(d.oid), 0) ELSE 0 END
		FROM pg_database d JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
		WHERE c.description LIKE '{%"hotclub"%' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var list []dbclone.Stray
	var found dbclone.Stray
	var comment string
	_, err = pgx.ForEachRow(rows, []any{&found.Name, &comment, &found.Sessions, &found.Size}, func() error {
		if note, ok := readNote(comment); ok {
			found.Label, found.Live = note.Label, living[lockKey(note.Owner)]
			list = append(list, found)
		}
		return nil
	})
	return list, err
}
