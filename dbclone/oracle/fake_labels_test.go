package oracle

import "database/sql/driver"

// The two tables of ours in the main user's schema, and the locks of owners.

func (c *fakeConn) insertLabel(args values) (answer, int64, error) {
	name, user := args[0].(string), args[1].(string)
	for other, l := range c.labels {
		if other == name || l.user == user {
			return nil, 0, said("ORA-00001", "unique constraint violated")
		}
	}
	image, _ := args[3].(string)
	c.scn++
	c.labels[name] = &fakeLabel{user: user, label: args[2].(string), image: image, scn: c.scn}
	return nil, 1, nil
}

func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

func (c *fakeConn) selectLabel(args values) (answer, int64, error) {
	l := c.labels[args[0].(string)]
	if l == nil {
		return nil, 0, nil
	}
	row := values{l.user, l.label, text(l.mark), nil}
	if u := c.users[l.user]; u != nil {
		row[3] = u.id
	}
	return answer{row}, 0, nil
}

func (c *fakeConn) selectLabels(values) (rows answer, _ int64, _ error) {
	for _, name := range sortedKeys(c.labels) {
		l := c.labels[name]
		rows = append(rows, values{name, l.user, l.label, l.bytes, text(l.image)})
	}
	return rows, 0, nil
}

func (c *fakeConn) change(name driver.Value, f func(*fakeLabel)) (answer, int64, error) {
	l := c.labels[name.(string)]
	if l == nil {
		return nil, 0, nil
	}
	c.scn++
	l.scn = c.scn
	f(l)
	return nil, 1, nil
}

func (c *fakeConn) updateLabel(args values) (answer, int64, error) {
	return c.change(args[1], func(l *fakeLabel) { l.label = args[0].(string) })
}

func (c *fakeConn) sealLabel(args values) (answer, int64, error) {
	return c.change(args[2], func(l *fakeLabel) { l.mark, l.bytes = args[0].(string), args[1].(int64) })
}

func (c *fakeConn) sizeLabel(args values) (answer, int64, error) {
	return c.change(args[1], func(l *fakeLabel) { l.bytes = args[0].(int64) })
}

func (c *fakeConn) publishLabel(args values) (answer, int64, error) {
	l := c.labels[args[2].(string)]
	if l == nil || l.mark == "" {
		return nil, 0, nil
	}
	if c.labels[args[0].(string)] != nil {
		return nil, 0, said("ORA-00001", "unique constraint violated")
	}
	l.label = args[1].(string)
	delete(c.labels, args[2].(string))
	c.labels[args[0].(string)] = l
	return nil, 1, nil
}

func (c *fakeConn) deleteLabel(args values) (answer, int64, error) {
	delete(c.labels, args[0].(string))
	return nil, 1, nil
}

func (c *fakeConn) scnOfLabel(args values) (answer, int64, error) {
	return answer{{c.labels[args[0].(string)].scn}}, 0, nil
}

func (c *fakeConn) requestLock(args values) (answer, int64, error) {
	if c.noLocks {
		return nil, 0, said("ORA-06550", "line 4, column 13: PLS-00201: identifier 'DBMS_LOCK' must be declared")
	}
	id := args[0].(int64)
	if holder := c.locks[id]; holder != nil && holder != c {
		return nil, 0, said("ORA-20054", "the lock is taken, status 1")
	}
	c.locks[id] = c
	return nil, 0, nil
}

func (c *fakeConn) releaseLock(args values) (answer, int64, error) {
	if c.locks[args[0].(int64)] == c {
		delete(c.locks, args[0].(int64))
	}
	return nil, 0, nil
}

func (c *fakeConn) insertOwner(args values) (answer, int64, error) {
	if c.owners[args[0].(string)] != "" {
		return nil, 0, said("ORA-00001", "unique constraint violated")
	}
	c.owners[args[0].(string)] = args[1].(string)
	return nil, 1, nil
}

func (c *fakeConn) deleteOwner(args values) (answer, int64, error) {
	delete(c.owners, args[0].(string))
	return nil, 1, nil
}

func (c *fakeConn) selectMethod(args values) (answer, int64, error) {
	if method := c.owners[args[0].(string)]; method != "" {
		return answer{{method}}, 0, nil
	}
	return nil, 0, nil
}

func (c *fakeConn) holdOwner(args values) (answer, int64, error) {
	owner := args[0].(string)
	if c.owners[owner] == "" {
		return nil, 0, nil
	}
	if holder := c.rowLocks[owner]; holder != nil && holder != c {
		return nil, 0, said("ORA-00054", "resource busy and acquire with NOWAIT specified")
	}
	c.rowLocks[owner], c.held = c, owner
	return answer{{owner}}, 0, nil
}
