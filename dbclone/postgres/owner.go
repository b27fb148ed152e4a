package postgres

import (
	"fmt"
	"slices"
	"strings"
)

// A session that is no replica has to mind what acts by itself on the rows: foreign keys, triggers and
// rules. Foreign keys are made to wait for the end of the transaction where they can. Some can't, or
// delete or change rows of their own in other tables; then these are written anew as well, and in
// order: emptied children first, filled parents first. A replica only has to mind triggers and rules
// that are set to act in one.

// mind widens and orders the plan.
func (w *work) mind(replica bool) error {
	w.replica = replica
	if !replica {
		w.widen()
		if err := w.sort(); err != nil {
			return err
		}
	}
	for _, i := range w.touched() {
		t := &w.to.tables[i]
		if t.data == nil && t.rows > 0 && slices.Contains(w.rewrite, i) {
			return reclone("the table %s is too large to be written again (%d MB)", t.name, t.size>>20)
		}
	}
	return nil
}

// widen adds the tables that lose rows, or forbid it, when one of the plan is emptied.
func (w *work) widen() {
	for more := true; more; {
		more = false
		for _, key := range w.to.keys {
			if key.strict && slices.Contains(w.rewrite, key.parent) && !slices.Contains(w.rewrite, key.child) {
				w.rewrite = append(w.rewrite, key.child)
				w.grown = slices.DeleteFunc(w.grown, func(i int) bool { return i == key.child })
				more = true
			}
		}
	}
}

// sort puts parents before their children where tables are filled, and after them where rows go.
func (w *work) sort() (err error) {
	if w.rewrite, err = w.parentsFirst(w.rewrite); err == nil {
		w.grown, err = w.parentsFirst(w.grown)
		slices.Reverse(w.grown)
	}
	return err
}

func (w *work) parentsFirst(tables []int) ([]int, error) {
	var sorted []int
	for waiting := slices.Sorted(slices.Values(tables)); len(waiting) > 0; {
		ready := slices.IndexFunc(waiting, func(i int) bool { return !w.hasParent(i, waiting) })
		if ready < 0 {
			return nil, reclone("foreign keys that can't wait form a circle around %s", w.to.tables[waiting[0]].name)
		}
		sorted = append(sorted, waiting[ready])
		waiting = slices.Delete(waiting, ready, ready+1)
	}
	return sorted, nil
}

func (w *work) hasParent(child int, among []int) bool {
	return slices.ContainsFunc(w.to.keys, func(key foreignKey) bool {
		return key.strict && key.child == child && key.parent != child && slices.Contains(among, key.parent)
	})
}

// hold is the SQL, within the transaction, that keeps what acts by itself from acting.
func (w *work) hold() string {
	var sql strings.Builder
	if !w.replica {
		sql.WriteString("SET CONSTRAINTS ALL DEFERRED;")
	}
	w.eachReaction(func(t *table, each reaction) {
		fmt.Fprintf(&sql, "ALTER TABLE %s DISABLE %s;", t.name, each.name)
	})
	return sql.String()
}

// letGo has the foreign keys complain now if they must, because no table can be altered before.
func (w *work) letGo() string {
	var sql strings.Builder
	if !w.replica {
		sql.WriteString("SET CONSTRAINTS ALL IMMEDIATE;")
	}
	how := map[firing]string{'O': "ENABLE", 'A': "ENABLE ALWAYS", 'R': "ENABLE REPLICA"}
	w.eachReaction(func(t *table, each reaction) {
		fmt.Fprintf(&sql, "ALTER TABLE %s %s %s;", t.name, how[each.when], each.name)
	})
	return sql.String()
}

// eachReaction visits those that would take place.
func (w *work) eachReaction(do func(*table, reaction)) {
	for _, i := range w.touched() {
		t := &w.to.tables[i]
		for _, each := range t.reactions {
			if each.when.in(w.replica) {
				do(t, each)
			}
		}
	}
}
