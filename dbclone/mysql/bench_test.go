package mysql

import (
	"fmt"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// sixty is a schema of 60 tables with about 3200 rows and 117 foreign keys.
func sixty() string {
	var script strings.Builder
	for i := range 60 {
		fmt.Fprintf(&script, "CREATE TABLE t%d (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, body longtext, at datetime(6), n decimal(10,2), ok bool, KEY (name), KEY (at)", i)
		for j := 0; j < min(i, 2); j++ {
			fmt.Fprintf(&script, ", p%d int, FOREIGN KEY (p%d) REFERENCES t%d (id)", j, j, i-1-j)
		}
		script.WriteString(");\n")
		fmt.Fprintf(&script, "INSERT INTO t%d (name, body, at, n, ok) VALUES ", i)
		rows := make([]string, 50)
		for k := range rows {
			rows[k] = fmt.Sprintf("('name %d', REPEAT('body %d ', 10), NOW(6), %d.5, 1)", k, k, k)
		}
		script.WriteString(strings.Join(rows, ", ") + ";\n")
	}
	return script.String()
}

func BenchmarkEngine(b *testing.B) {
	bench := newBench(b, theServer(b))
	template, sealed := bench.template(sixty())
	clone := bench.clone(template)
	b.Run("clone and drop", func(b *testing.B) {
		for b.Loop() {
			at := bench.spot("c")
			ok(b, bench.Clone(b.Context(), template, at))
			ok(b, bench.Drop(b.Context(), at))
		}
	})
	b.Run("four clones at once", func(b *testing.B) {
		for b.Loop() {
			done := make(chan error)
			var made []dbclone.Spot
			for range 4 {
				made = append(made, bench.spot("c"))
				go func(at dbclone.Spot) { done <- bench.Clone(b.Context(), template, at) }(made[len(made)-1])
			}
			for range made {
				ok(b, <-done)
			}
			b.StopTimer()
			for _, at := range made {
				ok(b, bench.Drop(b.Context(), at))
			}
			b.StartTimer()
		}
	})
	b.Run("clean", func(b *testing.B) {
		for b.Loop() {
			dirty, err := bench.Dirty(b.Context(), template, clone)
			ok(b, err)
			same(b, "dirty", dirty, false)
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			ok(b, bench.Check(b.Context(), template, sealed))
		}
	})
	for _, tables := range []int{3, 10, 60} {
		b.Run(fmt.Sprintf("restore %d of 60", tables), func(b *testing.B) {
			db := bench.server.Open(b, clone.Name)
			var work strings.Builder
			for i := range tables {
				fmt.Fprintf(&work, "INSERT INTO t%d (name) VALUES ('a'), ('b'), ('c'), ('d'), ('e'); UPDATE t%d SET name = 'x' WHERE id = 3;", i*60/tables, i*60/tables)
			}
			for b.Loop() {
				b.StopTimer()
				_, err := db.ExecContext(b.Context(), work.String())
				ok(b, err)
				b.StartTimer()
				restored, err := bench.Restore(b.Context(), template, clone, dbclone.Pristine)
				ok(b, err)
				same(b, "restored", restored, dbclone.Restored{Tables: tables})
			}
		})
	}
}
