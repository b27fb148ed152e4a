package mysql

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"hotclub/dbclone"
)

var _ dbclone.Limited = (*Engine)(nil)

func (e *Engine) Room(ctx context.Context, template dbclone.Spot) (room dbclone.Room, err error) {
	err = e.on(ctx, template.Server, "count the connections beside", template.Name, func(s *server, on *session) error {
		room, err = s.room(ctx, on, template.Label)
		return err
	})
	return room, err
}

// limits are how many connections a server takes. It takes one more from an administrator, which is
// left alone although we may be one.
type limits struct {
	slots    int    // max_connections
	user     int    // that whoever we connect as may have, 0 for any number
	everyone bool   // the same for all users that have no limit of their own
	account  string // that we connect as
}

// most is how many connections we could have if nobody else had any.
func (l limits) most() int {
	if l.user > 0 {
		return min(l.slots, l.user)
	}
	return l.slots
}

// places is how many of them are for our sessions beside the one that holds the locks.
func (l limits) places() int { return dbclone.OurShare(l.most()) }

// ours is what we take: these, the one that holds the locks, and one for a session that the server has
// not ended yet when the next begins.
func (l limits) ours() int { return l.places() + 2 }

// sessions counts who is connected.
type sessions struct {
	others     int // neither we nor the workers that are asked about
	othersUser int // those of them that count for our user
}

// room asks the server each time: limits are changed and sessions come and go.
func (s *server) room(ctx context.Context, on *session, whose dbclone.Label) (dbclone.Room, error) {
	l, err := readLimits(ctx, on)
	if err != nil {
		return dbclone.Room{}, err
	}
	s.pool.SetMaxOpenConns(l.places())
	there, err := s.countOthers(ctx, on, whose)
	if err != nil {
		return dbclone.Room{}, err
	}
	return l.room(s.id, there), nil
}

func (l limits) room(id string, there sessions) dbclone.Room {
	all := []dbclone.Limit{{
		Whose: "the server takes", Most: l.slots, Others: there.others,
		Remedy: "raise max_connections on the server, or close other clients",
	}}
	if l.user > 0 {
		own := dbclone.Limit{
			Whose: fmt.Sprintf("the user %s may have", l.account), Most: l.user, Others: there.othersUser,
			Remedy: fmt.Sprintf("let an administrator run: ALTER USER %s WITH MAX_USER_CONNECTIONS 0", l.account),
		}
		if l.everyone {
			own.Remedy = "raise max_user_connections on the server"
		}
		all = append(all, own)
	}
	return dbclone.RoomWithin(id, l.ours(), all...)
}

// account finds a name and a limit of its own in what SHOW CREATE USER says.
var account = regexp.MustCompile("(?s)^CREATE USER (`.*?`@`.*?`)(?:.*? MAX_USER_CONNECTIONS ([0-9]+))?")

// readLimits asks for the account itself: a session of MariaDB's goes on telling as its
// max_user_connections what the limit was when it began.
func readLimits(ctx context.Context, on *session) (l limits, err error) {
	results, err := on.query(ctx,
		"SELECT @@max_connections AS slots, @@global.max_user_connections AS user",
		"SHOW CREATE USER CURRENT_USER()")
	if err != nil {
		return l, err
	}
	if l.slots, err = strconv.Atoi(results[0][0]["slots"]); err != nil {
		return l, err
	}
	if l.user, err = strconv.Atoi(results[0][0]["user"]); err != nil {
		return l, err
	}
	l.everyone = true
	for _, shown := range results[1][0] { // in a column whose name has the user's in it
		if parts := account.FindStringSubmatch(shown); parts != nil {
			l.account = parts[1]
			if own, _ := strconv.Atoi(parts[2]); own > 0 {
				l.user, l.everyone = own, false
			}
		}
	}
	return l, nil
}

// readings is how often sessions are counted at most, a poll apart, until all of them are listed.
const readings = 5

// countOthers leaves out our own sessions, known by their numbers, and those in the databases that are
// the workers', known by their labels. The number of all sessions is told to everybody; who lacks the
// right PROCESS gets no list but of those of its own user, which workers' are. A session that begins or
// ends is not listed for a moment as well.
func (s *server) countOthers(ctx context.Context, on *session, whose dbclone.Label) (there sessions, err error) {
	for n := range readings {
		now, unlisted, err := s.countOnce(ctx, on, whose)
		if err != nil {
			return there, err
		}
		if n == 0 || now.others < there.others {
			there = now
		}
		if unlisted <= 0 {
			break
		}
		select {
		case <-time.After(poll):
		case <-ctx.Done():
			return there, context.Cause(ctx)
		}
	}
	return there, nil
}

func (s *server) countOnce(ctx context.Context, on *session, whose dbclone.Label) (there sessions, unlisted int, err error) {
	numbers := s.connector.sessions.all()
	results, err := on.query(ctx,
		"SHOW GLOBAL STATUS LIKE 'Threads_connected'",
		"SELECT LEFT(USER(), CHAR_LENGTH(USER()) - LOCATE('@', REVERSE(USER()))) AS name",
		processes,
		"SELECT name, label FROM "+labels)
	if err != nil {
		return there, 0, err
	}
	if unlisted, err = strconv.Atoi(results[0][0]["Value"]); err != nil {
		return there, 0, err
	}
	user, listed := results[1][0]["name"], results[2]
	theirs := make(map[string]bool)
	for _, row := range results[3] {
		label, _ := dbclone.ParseLabel(row["label"])
		theirs[row["name"]] = label.Owner == whose.Owner && label.Project == whose.Project
	}
	beginning := s.pool.Stats().OpenConnections + s.alive.pool.Stats().OpenConnections // of ours, without a number yet
	for _, each := range listed {
		if each["Command"] == "Daemon" || each["User"] == "system user" {
			continue // the server's own, which don't count
		}
		unlisted--
		switch {
		case numbers[each["Id"]]:
			beginning--
		case theirs[each["db"]], each["Command"] == "Connect":
		case each["User"] == user:
			there.othersUser++
		default:
			there.others++
		}
	}
	s.connector.sessions.forgetEnded(numbers, listed)
	there.othersUser = max(0, there.othersUser-max(0, beginning))
	there.others += there.othersUser + max(0, unlisted)
	return there, unlisted, nil
}
