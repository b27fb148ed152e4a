package mysql

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"hotclub/dbclone"
)

// registry is the database that holds the table of labels.
const registry = "hotclub"

const (
	labels     = registry + ".labels"
	makeLabels = `CREATE TABLE IF NOT EXISTS ` + labels + ` (
	name varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	state varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	owner_lock varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	label text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE=InnoDB COMMENT='whose the databases hcb_*, hct_* and hcc_* are'`
)

// State of a labelled database.
const (
	making = "making" // or being unmade: what it holds is unknown
	whole  = "whole"
)

// makeRegistry makes the table of labels. A database of this name that is somebody's own is left alone.
func makeRegistry(ctx context.Context, on *session) error {
	_, err := on.query(ctx, "SELECT 1 FROM "+labels+" LIMIT 0")
	switch number(err) {
	case errNoDatabase:
	case errNoTable:
		found, err := on.one(ctx, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"+registry+"' LIMIT 1")
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fmt.Errorf("a database named %s is there that is not ours: it has a table %s, but none named labels", registry, found[0]["TABLE_NAME"])
		}
	default:
		return err
	}
	if err := on.run(ctx, "CREATE DATABASE IF NOT EXISTS "+registry); err != nil {
		return err
	}
	return on.run(ctx, makeLabels)
}

// entry is what the server says about a name.
type entry struct {
	label   dbclone.Label
	state   string // "": there is no label
	present bool   // there is such a database
}

func lookUp(ctx context.Context, on *session, database string) (entry, error) {
	results, err := on.query(ctx,
		"SELECT label, state FROM "+labels+" WHERE name = "+text(database),
		"SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "+text(database))
	if err != nil {
		return entry{}, err
	}
	e := entry{present: len(results[1]) > 0}
	for _, row := range results[0] {
		e.state = row["state"]
		e.label, _ = dbclone.ParseLabel(row["label"])
	}
	return e, nil
}

// putLabel writes a label down before its database is made, or notes that the database is whole. It
// is not broken off half-way: the server might write it after it was taken away again.
func (s *server) putLabel(ctx context.Context, on *session, at dbclone.Spot, state string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx, cancel := unwatched(ctx)
	defer cancel()
	return on.run(ctx, fmt.Sprintf("REPLACE INTO %s (name, state, owner_lock, label) VALUES (%s, %s, %s, %s)",
		labels, text(at.Name), text(state), text(s.alive.lock(at.Label.Owner)), text(at.Label.String())))
}

func takeLabel(ctx context.Context, on *session, database string) error {
	return on.run(ctx, "DELETE FROM "+labels+" WHERE name = "+text(database))
}

// strays lists what is labelled.
func strays(ctx context.Context, on *session) ([]dbclone.Stray, error) {
	labelled, err := on.one(ctx, "SELECT name, label, owner_lock FROM "+labels+" ORDER BY name")
	if err != nil || len(labelled) == 0 {
		return nil, err
	}
	var list []dbclone.Stray
	var lives, quoted []string
	for _, row := range labelled {
		label, ok := dbclone.ParseLabel(row["label"])
		if !ok {
			continue
		}
		list = append(list, dbclone.Stray{Name: row["name"], Label: label})
		lives = append(lives, "SELECT "+text(row["name"])+" AS name, IS_USED_LOCK("+text(row["owner_lock"])+") IS NOT NULL AS live")
		quoted = append(quoted, text(row["name"]))
	}
	if len(list) == 0 {
		return nil, nil
	}
	all := strings.Join(quoted, ", ")
	results, err := on.query(ctx,
		strings.Join(lives, " UNION ALL "),
		processes,
		"SELECT TABLE_SCHEMA AS db, IFNULL(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ("+all+") GROUP BY TABLE_SCHEMA")
	if err != nil {
		return nil, err
	}
	live := column(results[0], "name", "live")
	sizes := column(results[2], "db", "n")
	sessions := make(map[string]int)
	for _, row := range results[1] {
		sessions[row["db"]]++
	}
	for i := range list {
		list[i].Live = live[list[i].Name] == 1
		list[i].Sessions = sessions[list[i].Name]
		list[i].Size = sizes[list[i].Name]
	}
	return list, nil
}

// column reads numbers by names.
func column(rows []row, key, value string) map[string]int64 {
	numbers := make(map[string]int64, len(rows))
	for _, row := range rows {
		n, _ := strconv.ParseInt(row[value], 10, 64)
		numbers[row[key]] = n
	}
	return numbers
}
