package bridge

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// Whatever comes, reading ends, and what was read is what came.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("Content-Length: 40\r\n\r\n" + `{"jsonrpc":"2.0","id":1,"method":"a/bc"}`))
	f.Add([]byte("Content-Length: 9\n\n{\"id\":\"\xff\"}"))
	f.Add([]byte("Content-Length: 200000000\r\n\r\n{"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := newFrames(bytes.NewReader(stream))
		var got []byte
		for {
			m, err := in.next()
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errMalformed) {
					t.Fatal(err)
				}
				return
			}
			if got = append(got, m.raw...); !bytes.HasPrefix(stream, got) {
				t.Fatalf("%q became %q", stream, got)
			}
			if m.id != "" {
				other := m.withID(`"other"`)
				if err := other.parse(); err != nil || other.id != `"other"` {
					t.Fatalf("%q with another id: %q, %v", m.body, other.body, err)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, params := range map[string]int{"small": 100, "1 MB": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			body := []byte(`{"jsonrpc":"2.0","method":"hotclub/testEvents","params":{"output":"` + string(bytes.Repeat([]byte("x"), params)) + `"}}`)
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				m := message{body: body}
				if err := m.parse(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
