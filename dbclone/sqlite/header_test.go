package sqlite

import (
	"encoding/binary"
	"io/fs"
	"os"
	"strings"
	"testing"

	"hotclub/dbclone"
)

func TestSealRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"text":         {[]byte(strings.Repeat("no database ", 20)), "not a SQLite database"},
		"short":        {magic, "not a SQLite database"},
		"odd size":     {append(madeUp(""), 1), "no multiple of its page size"},
		"page size 0":  {changed(func(d []byte) { binary.BigEndian.PutUint16(d[pageSizeAt:], 0) }), "no multiple"},
		"pages absent": {changed(func(d []byte) { binary.BigEndian.PutUint32(d[pagesAt:], 7) }), "4096 bytes of 28672"},
	} {
		at := dbclone.Spot{Dir: t.TempDir()}
		put(t, Engine{}.Locate(at), test.data)
		_, err := Engine{}.Seal(t.Context(), at)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

// The count of pages means nothing when the change counter shows that it is out of date.
func TestSealOfOldFormat(t *testing.T) {
	at := dbclone.Spot{Dir: t.TempDir()}
	put(t, Engine{}.Locate(at), changed(func(d []byte) {
		binary.BigEndian.PutUint32(d[pagesAt:], 7)
		binary.BigEndian.PutUint32(d[changeAt:], 9)
	}))
	if _, err := (Engine{}).Seal(t.Context(), at); err != nil {
		t.Error(err)
	}
}

func TestSealedIsReadOnly(t *testing.T) {
	at := dbclone.Spot{Dir: t.TempDir()}
	path := Engine{}.Locate(at)
	put(t, path, madeUp("text"))
	put(t, path+"-journal", make([]byte, 512)) // finished, as journal_mode=PERSIST leaves it
	sealed, err := Engine{}.Seal(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != fs.FileMode(0o444) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if sealed.Size != page {
		t.Errorf("size %d", sealed.Size)
	}
	if _, err := os.Stat(path + "-journal"); err == nil {
		t.Error("the journal stayed")
	}
	clone := dbclone.Spot{Dir: t.TempDir()}
	if err := (Engine{}).Clone(t.Context(), at, clone); err != nil {
		t.Fatal(err)
	}
	put(t, Engine{}.Locate(clone), madeUp("a clone can be written to"))
}

func changed(change func([]byte)) []byte {
	data := madeUp("")
	change(data)
	return data
}
