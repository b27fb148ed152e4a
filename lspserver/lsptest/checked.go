package lsptest

import (
	"testing"

	"hotclub/lspserver/lsptest/metamodel"
)

// Checked is a tap that fails the test when the server says what LSP does not allow. What
// the test says is its own business: many say something wrong on purpose.
func Checked(t testing.TB) Tap {
	c := metamodel.NewConversation(metamodel.LSP())
	return func(way metamodel.Direction, body []byte) {
		if _, err := c.Note(way, body); err != nil && way == metamodel.ToClient {
			t.Errorf("the server said: %v\n%.500s", err, body)
		}
	}
}
